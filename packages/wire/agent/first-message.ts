/*
 * A WebSocket of the agent may bring its first text message within its handshake, which saves a round trip: header `X-Bhatti-First-Message`, the message percent-encoded (RFC 3986 §2.1). An agent
 * that took it says so by the same header in its 101, value `taken`; without that word the client sends the message as usual.
 */
export const firstMessageHeader = 'x-bhatti-first-message';
export const firstMessageTaken = 'taken';

const maxLength = 8 * 1024; // half of what HTTP servers take as a request's head

/** The header's value; undefined when the message is too long for one, or no text that UTF-8 can carry. */
export function tryEncodeFirstMessage(message: string): string | undefined {
  if (message.length > maxLength) return undefined;
  try {
    const value = encodeURIComponent(message);
    return value.length > maxLength ? undefined : value;
  } catch {
    return undefined; // expected: half of a surrogate pair
  }
}

/** Undefined when the value is none: the client will then be answered as if it had said nothing. */
export function tryDecodeFirstMessage(value: string | null): string | undefined {
  if (value === null || value === '') return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined; // expected of a client that is not ours
  }
}
