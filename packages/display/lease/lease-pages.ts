import { CodedError, toCodedError } from '@bhatti/base/errors.ts';
import type { WebSocketEvents, WebSocketLink } from '@bhatti/sys/http/server.ts';
import { type PersonRequest, PersonRequestSchema, pageTokenPattern } from '@bhatti/wire/display/lease.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import { type Credential, credentialNow } from '../credentials/password-file.ts';
import type { InputLease, Person } from './input-lease.ts';

export interface LeasePagesParts {
  readonly lease: InputLease;
  /** The viewer that has come in from the page with this token, and belongs to this user. */
  readonly viewerOf: (token: string, user: string) => Person | undefined;
}

interface OpenPage {
  readonly link: WebSocketLink;
  readonly credential: Credential;
  readonly token: string;
}

const maxPages = 128; // twice as many as there can be viewers
const maxMessageBytes = 1_024;
const maxUnreadBytes = 262_144; // a hundred views, each with the longest message

/** People's side of the lease: a WebSocket a page, beside its RFB. Both carry a token that the page made, so that it is known whose keys those are. */
export class LeasePages {
  readonly #parts: LeasePagesParts;
  readonly #pages = new Set<OpenPage>();

  constructor(parts: LeasePagesParts) {
    this.#parts = parts;
  }

  /** Throws INVALID_ARGUMENT without a token, TOO_MANY_VIEWERS. */
  open(credential: Credential, token: string | null): WebSocketEvents {
    if (token === null || !pageTokenPattern.test(token)) {
      throw new CodedError('INVALID_ARGUMENT', 'cannot open the lease: "session" must be 32 hexadecimal digits', {
        argument: 'session',
      });
    }
    if (this.#pages.size >= maxPages) {
      throw new CodedError('TOO_MANY_VIEWERS', `cannot open the lease: ${maxPages} pages have it open`, {
        limit: maxPages,
      });
    }
    let page: OpenPage | undefined;
    return {
      onOpen: (link) => {
        // A browser does not tell its page the status of a refused upgrade; a close code it does.
        if (!credential.rights.write) return link.close(4403, 'this user may look but not act');
        page = { link, credential, token };
        this.#pages.add(page);
        this.#tell(page);
      },
      onMessage: (bytes) => {
        if (page !== undefined) this.#take(page, bytes);
      },
      onDrain() {},
      onClose: () => {
        if (page !== undefined) this.#pages.delete(page);
      },
    };
  }

  tellAll(): void {
    for (const page of this.#pages) this.#tell(page);
  }

  /** The password file changed: who may not act any more has nothing to say here. */
  applyCredentials(credentials: readonly Credential[]): void {
    for (const page of this.#pages) {
      const now = credentialNow(page.credential, credentials);
      if (now === undefined) this.#close(page, 4401, 'the credentials have changed');
      else if (!now.rights.write) this.#close(page, 4403, 'this user may look but not act');
    }
  }

  #take(page: OpenPage, bytes: Uint8Array): void {
    let request: PersonRequest;
    try {
      request = decodeMessage(bytes);
    } catch (error) {
      const { message, spec } = toCodedError(error);
      return this.#close(page, spec.close, message);
    }
    try {
      this.#perform(page, request);
    } catch (error) {
      this.#say(page, { error: encodeError(toCodedError(error)) });
    }
  }

  #perform({ token, credential }: OpenPage, request: PersonRequest): void {
    const { lease } = this.#parts;
    const person = this.#parts.viewerOf(token, credential.user);
    if (person === undefined) {
      throw new CodedError('INVALID_ARGUMENT', 'cannot change the lease: this page does not show the desktop', {
        argument: 'session',
      });
    }
    switch (request.op) {
      case 'take':
        return lease.takeOver(person);
      case 'return':
        return lease.handBack(person.id);
      case 'private':
        return lease.setPrivate(person.id, request.on);
    }
  }

  #tell(page: OpenPage): void {
    const person = this.#parts.viewerOf(page.token, page.credential.user);
    this.#say(page, this.#parts.lease.viewOf(person?.id));
  }

  #say(page: OpenPage, message: unknown): void {
    page.link.send(new TextEncoder().encode(JSON.stringify(message)));
    if (page.link.bufferedBytes() <= maxUnreadBytes) return;
    this.#pages.delete(page);
    page.link.terminate();
  }

  #close(page: OpenPage, code: number, reason: string): void {
    this.#pages.delete(page);
    page.link.close(code, reason.slice(0, 120));
  }
}

function decodeMessage(bytes: Uint8Array): PersonRequest {
  if (bytes.length > maxMessageBytes) {
    throw new CodedError('MESSAGE_TOO_LARGE', 'cannot read this message: it is too large', {
      limitBytes: maxMessageBytes,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new CodedError('INVALID_ARGUMENT', 'invalid lease message: not JSON', { argument: '' }, { cause });
  }
  return decodeRequest(PersonRequestSchema, value, 'lease message');
}
