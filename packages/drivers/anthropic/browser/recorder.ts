import { plainLine } from '@bhatti/base/bytes.ts';

import { at, listAt, numberAt, textAt } from '../../cdp/json.ts';
import type { CdpObject } from '../../cdp/connection.ts';
import type { CdpSession } from '../../cdp/session.ts';

const maxEntries = 500; // kept between two reads; the oldest go first
const maxLineLength = 1_000;

/** Lines that came since they were last read. */
export class Lines {
  #lines: string[] = [];
  #lost = 0;

  add(line: string): void {
    if (this.#lines.length === maxEntries) {
      this.#lines.shift();
      this.#lost++;
    }
    this.#lines.push(plainLine(line, maxLineLength));
  }

  /** All of them; they are then forgotten. */
  take(): string {
    const lines = this.#lost === 0 ? this.#lines : [`[${this.#lost} earlier ones are lost]`, ...this.#lines];
    this.#lines = [];
    this.#lost = 0;
    return lines.length === 0 ? '[nothing]' : lines.join('\n');
  }
}

export async function recordConsole(session: CdpSession, lines: Lines): Promise<void> {
  session.on('Runtime.consoleAPICalled', (params) => {
    const values = listAt(params, 'args').map(argumentText).join(' ');
    lines.add(`${textAt(params, 'type') ?? 'log'}: ${values}`);
  });
  session.on('Runtime.exceptionThrown', (params) => {
    const details = at(params, 'exceptionDetails');
    lines.add(`exception: ${textAt(details, 'exception', 'description') ?? textAt(details, 'text') ?? ''}`);
  });
  session.on('Log.entryAdded', (params) => {
    lines.add(
      `${textAt(params, 'entry', 'level') ?? 'info'}: ${textAt(params, 'entry', 'text') ?? ''} ${textAt(params, 'entry', 'url') ?? ''}`,
    );
  });
  await session.send('Runtime.enable');
  await session.send('Log.enable');
}

/** Expects the network's events to be on. */
export function recordNetwork(session: CdpSession, lines: Lines): void {
  const running = new Map<string, { readonly what: string; readonly startedAt: number; answer: string }>();
  const end = (params: CdpObject, outcome: (request: { readonly answer: string }) => string) => {
    const id = textAt(params, 'requestId') ?? '';
    const request = running.get(id);
    running.delete(id);
    if (request === undefined) return;
    const ms = Math.round(((numberAt(params, 'timestamp') ?? request.startedAt) - request.startedAt) * 1_000);
    lines.add(`${request.what} ${outcome(request)} ${ms} ms`);
  };
  session.on('Network.requestWillBeSent', (params) => {
    const id = textAt(params, 'requestId') ?? '';
    const redirect = numberAt(params, 'redirectResponse', 'status');
    if (redirect !== undefined) end(params, () => String(redirect));
    if (running.size === maxEntries) running.clear();
    const what = `${textAt(params, 'request', 'method') ?? ''} ${textAt(params, 'request', 'url') ?? ''}`;
    running.set(id, { what, startedAt: numberAt(params, 'timestamp') ?? 0, answer: 'no answer' });
  });
  session.on('Network.responseReceived', (params) => {
    const request = running.get(textAt(params, 'requestId') ?? '');
    const response = at(params, 'response');
    if (request !== undefined)
      request.answer = `${numberAt(response, 'status') ?? ''} ${textAt(response, 'mimeType') ?? ''}`;
  });
  session.on('Network.loadingFinished', (params) => end(params, ({ answer }) => answer));
  session.on('Network.loadingFailed', (params) => end(params, () => `failed: ${textAt(params, 'errorText') ?? ''}`));
}

function argumentText(argument: unknown): string {
  const value = at(argument, 'value');
  if (typeof value === 'string') return value;
  if (value !== undefined) return JSON.stringify(value);
  return textAt(argument, 'description') ?? textAt(argument, 'unserializableValue') ?? textAt(argument, 'type') ?? '';
}
