import { CodedError } from '@bhatti/base/errors.ts';
import type { Settings } from '../config/settings.ts';
import { type Credential, credentialNow } from '../credentials/password-file.ts';
import type { FrameChange } from '../update/move.ts';
import type { ViewerSession } from './viewer-session.ts';

const maxViewers = 64; // each costs memory for its own updates; more than this is no desktop any more

/** All viewers that are in. */
export class ViewerList {
  readonly #sessions = new Set<ViewerSession>();

  get sessions(): ReadonlySet<ViewerSession> {
    return this.#sessions;
  }

  get wantsFrame(): boolean {
    for (const session of this.#sessions) if (session.wantsFrame) return true;
    return false;
  }

  /** Takes a viewer in. Throws TOO_MANY_VIEWERS when it may not be beside those who are in; replaces them where it may. */
  admit(session: ViewerSession, shared: boolean, settings: Settings): void {
    const isShared = settings.sharing === 'always' || (settings.sharing === 'asked' && shared);
    if (!isShared && this.#sessions.size > 0) {
      if (!settings.exclusiveReplaces) throw tooMany('somebody else has the desktop alone', 1);
      for (const other of this.#sessions) other.close(4409, 'another viewer has taken the desktop');
    }
    // A page that connects again has given up its first connection, also where that has not been noticed here.
    const { pageToken, credential } = session.identity;
    if (pageToken !== undefined) this.ofPage(pageToken, credential.user)?.close(4409, 'this page has connected again');
    if (this.#sessions.size >= maxViewers) throw tooMany(`${maxViewers} viewers are connected`, maxViewers);
    this.#sessions.add(session);
  }

  /** The viewer that came from a page, and belongs to this user. */
  ofPage(pageToken: string, user: string): ViewerSession | undefined {
    for (const session of this.#sessions) {
      const { identity } = session;
      if (identity.pageToken === pageToken && identity.credential.user === user) return session;
    }
    return undefined;
  }

  remove(session: ViewerSession): void {
    this.#sessions.delete(session);
  }

  noteChange(change: FrameChange): void {
    for (const session of this.#sessions) session.noteChange(change);
  }

  pumpAll(): void {
    for (const session of this.#sessions) session.pump();
  }

  resendAll(): void {
    for (const session of this.#sessions) session.resend();
  }

  /** The password file changed: who is not in it any more, or has another password, must go; the others have the rights it says. */
  applyCredentials(credentials: readonly Credential[]): void {
    for (const session of this.#sessions) {
      const credential = credentialNow(session.identity.credential, credentials);
      if (credential === undefined) session.close(4401, 'the credentials have changed');
      else session.setRights(credential.rights);
    }
  }

  bellAll(): void {
    for (const session of this.#sessions) session.bell();
  }

  closeAll(reason: string): void {
    for (const session of this.#sessions) session.close(1001, reason);
  }
}

function tooMany(why: string, limit: number): CodedError<'TOO_MANY_VIEWERS'> {
  return new CodedError('TOO_MANY_VIEWERS', `cannot let this viewer in: ${why}`, { limit });
}
