import type { WebSocketEvents, WebSocketLink } from '@bhatti/sys/http/server.ts';
import type { Credential } from '../credentials/password-file.ts';

/** WebSockets of operators who came with a password: they end when it is not theirs any more, as viewers do. */
export class ActionSessions {
  readonly #open = new Map<WebSocketLink, Credential>();
  readonly #credentials: () => readonly Credential[];

  /** `credentials` are those that hold now. */
  constructor(credentials: () => readonly Credential[]) {
    this.#credentials = credentials;
  }

  /** A session that ends with its credential. */
  watch(events: WebSocketEvents, credential: Credential): WebSocketEvents {
    let link: WebSocketLink | undefined;
    return {
      onOpen: (opened) => {
        link = opened;
        this.#open.set(opened, credential);
        events.onOpen(opened);
        // The password may have changed while the connection was made.
        this.check();
      },
      onMessage: (bytes) => events.onMessage(bytes),
      onDrain: () => events.onDrain(),
      onClose: (code, reason) => {
        if (link !== undefined) this.#open.delete(link);
        events.onClose(code, reason);
      },
    };
  }

  /** The password file changed. */
  check(): void {
    for (const [link, { user, hash }] of this.#open) {
      const now = this.#credentials().find((credential) => credential.user === user);
      if (now?.hash !== hash || !now.rights.owner) link.close(4401, 'the credentials have changed');
    }
  }
}
