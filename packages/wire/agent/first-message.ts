/*
 * A WebSocket of the agent may bring its first text message within its handshake, which saves a round trip: header `X-Bhatti-First-Message`, the message's UTF-8 in base64. An agent that took it says
 * so by the same header in its 101, value `taken`; without that word the client sends the message as usual.
 */
export const firstMessageHeader = 'x-bhatti-first-message';
export const firstMessageTaken = 'taken';

const maxBytes = 6 * 1024; // 8 KiB as base64: half of what HTTP servers take as a request's head

/** The header's value; undefined when the message is too long for one. */
export function tryEncodeFirstMessage(message: string): string | undefined {
  const bytes = new TextEncoder().encode(message);
  return bytes.length > maxBytes ? undefined : btoa(String.fromCharCode(...bytes));
}

/** Undefined when the value is none: the client will then be answered as if it had said nothing. */
export function tryDecodeFirstMessage(value: string | null): string | undefined {
  if (value === null || value === '') return undefined;
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(value), (character) => character.charCodeAt(0)));
  } catch {
    return undefined; // expected of a client that is not ours: no base64
  }
}
