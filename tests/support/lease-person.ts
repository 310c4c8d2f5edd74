import { randomHex } from '@bhatti/base/ids.ts';
import { type Lease, LeaseSchema, type LeaseView, LeaseViewSchema } from '@bhatti/wire/display/lease.ts';
import * as v from 'valibot';
import type { TestDisplay } from './display-server.ts';
import { RfbViewer } from './rfb-viewer.ts';
import { until } from './until.ts';

/** A person before the web client, as far as the lease goes: a viewer, and its page's connection about who has the input. */
export class LeasePerson implements Disposable {
  readonly viewer: RfbViewer;
  readonly errors: string[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  view: LeaseView | undefined;

  static async open(display: TestDisplay, authorization = display.authorization): Promise<LeasePerson> {
    const pageToken = randomHex(16);
    const viewer = await RfbViewer.open(display, { authorization, pageToken, isWatching: false });
    const person = new LeasePerson(viewer, openLeaseSocket(display, pageToken, authorization));
    await until(() => person.view !== undefined);
    return person;
  }

  private constructor(viewer: RfbViewer, socket: WebSocket) {
    this.viewer = viewer;
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.addEventListener('close', ({ code }) => resolve(code)));
    socket.addEventListener('message', ({ data }) => {
      const message: unknown = JSON.parse(new TextDecoder().decode(data));
      const parsed = v.safeParse(LeaseViewSchema, message);
      if (parsed.success) this.view = parsed.output;
      // SAFETY: what is no view is an error; tests look at its code.
      else this.errors.push((message as { error: { code: string } }).error.code);
    });
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  async take(): Promise<void> {
    this.send('{"op":"take"}');
    await this.sees('you');
  }

  async handBack(): Promise<void> {
    this.send('{"op":"return"}');
    await this.sees('nobody');
  }

  async setPrivate(on: boolean): Promise<void> {
    this.send(JSON.stringify({ op: 'private', on }));
    await until(() => this.view?.isPrivate === on);
  }

  sees(holder: LeaseView['holder'], withinMs?: number): Promise<unknown> {
    return until(
      () => this.view?.holder === holder,
      () => JSON.stringify(this.view),
      withinMs,
    );
  }

  [Symbol.dispose](): void {
    this.#socket.close();
    this.viewer[Symbol.dispose]();
  }
}

export function openLeaseSocket(
  display: TestDisplay,
  token: string | undefined,
  authorization = display.authorization,
): WebSocket {
  const query = token === undefined ? '' : `?session=${token}`;
  const socket = new WebSocket(`ws://127.0.0.1:${display.port}/some/path/lease${query}`, {
    headers: { Authorization: authorization },
  });
  socket.binaryType = 'arraybuffer';
  return socket;
}

/** The agent's side. */
export async function leaseOf(display: TestDisplay, query = ''): Promise<Lease> {
  return v.parse(LeaseSchema, await (await display.control(`/lease${query}`)).json());
}

export function postLease(display: TestDisplay, body: unknown): Promise<Response> {
  return fetch('http://display/lease', {
    unix: display.controlSocket,
    keepalive: false,
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
