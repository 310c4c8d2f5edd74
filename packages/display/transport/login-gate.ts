import { CodedError } from '@bhatti/base/errors.ts';
import { hashPassword } from '@bhatti/sys/crypt.ts';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credential } from '../credentials/password-file.ts';

export interface LoginLimits {
  /** Failures of one address after which it is refused; 0 is never. */
  readonly blacklistThreshold: number;
  /** For how long; 0 is not at all. */
  readonly blacklistTimeoutMs: number;
}

/** Attempts of one address, one after the other. */
interface Turn {
  readonly last: Promise<void>;
  readonly waiting: number;
}

interface Failures {
  count: number;
  lastAtMs: number;
}

const forgetFailuresMs = 5 * 60_000;
const maxAddresses = 10_000; // a list that an attacker with many addresses can fill, and no more
const maxRemembered = 1_000;
const firstDelayMs = 50;
const longestDelayMs = 1_000;
const maxWaiting = 16; // attempts of one address: that of a proxy may stand for several people
/** What an unknown user's password is hashed for, so that the time does not tell whether the user exists. */
const nobodysHash = '$5$kasm$';

/**
 * HTTP Basic authentication against the password file. A right password is remembered (as a keyed digest), so that the hash is not computed for each request; a wrong one is answered later and
 * later, and until then no other of its address is looked at, whether anybody still waits for the answer or not. Where so configured, the address is refused for a while.
 */
export class LoginGate {
  readonly #limits: LoginLimits;
  readonly #key = randomBytes(32);
  /** Digests of Authorization headers that were right, with the credential that made them so. */
  readonly #remembered = new Map<string, Credential>();
  readonly #failures = new Map<string, Failures>();
  readonly #turns = new Map<string, Turn>();
  #credentials: readonly Credential[] = [];

  constructor(limits: LoginLimits) {
    this.#limits = limits;
  }

  setCredentials(credentials: readonly Credential[]): void {
    this.#credentials = credentials;
    this.#remembered.clear();
  }

  get credentials(): readonly Credential[] {
    return this.#credentials;
  }

  /** Who sent this Authorization header. Throws UNAUTHENTICATED, after a delay when the header was wrong, or RATE_LIMITED. */
  async check(authorization: string | null, peerAddress: string): Promise<Credential> {
    this.#checkBlacklist(peerAddress);
    if (authorization === null) throw unauthenticated('it needs a user name and a password');
    const digest = createHmac('sha256', this.#key).update(authorization).digest('base64');
    const known = this.#remembered.get(digest);
    if (known !== undefined) return known;
    return await this.#inTurn(peerAddress, () => this.#compare(authorization, digest, peerAddress));
  }

  /** The same for a user and a password that came by another protocol. */
  checkLogin(user: string, password: string, peerAddress: string): Promise<Credential> {
    return this.check(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`, peerAddress);
  }

  async #inTurn<T>(address: string, attempt: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(address) ?? { last: Promise.resolve(), waiting: 0 };
    if (before.waiting >= maxWaiting) throw tooMany(longestDelayMs);
    const attempted = before.last.then(attempt);
    const last = attempted.then(ignore, ignore).then(() => this.#endTurn(address));
    this.#turns.set(address, { last, waiting: before.waiting + 1 });
    return await attempted;
  }

  #endTurn(address: string): void {
    const turn = this.#turns.get(address);
    if (turn === undefined || turn.waiting === 1) this.#turns.delete(address);
    else this.#turns.set(address, { ...turn, waiting: turn.waiting - 1 });
  }

  async #compare(authorization: string, digest: string, peerAddress: string): Promise<Credential> {
    // A browser opens several connections at once, each with the password that the first has shown to be right.
    const known = this.#remembered.get(digest);
    if (known !== undefined) return known;
    const credential = this.#tryMatch(authorization);
    if (credential === undefined) {
      await this.#noteFailure(peerAddress);
      throw unauthenticated('user name or password is wrong');
    }
    this.#failures.delete(peerAddress);
    if (this.#remembered.size >= maxRemembered) this.#remembered.clear();
    this.#remembered.set(digest, credential);
    return credential;
  }

  #tryMatch(authorization: string): Credential | undefined {
    const encoded = /^basic\s+([A-Za-z0-9+/=]{1,1024})$/i.exec(authorization)?.[1];
    if (encoded === undefined) return undefined;
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon < 0 || text.includes('\0')) return undefined;
    const credential = this.#credentials.find(({ user }) => user === text.slice(0, colon));
    const wanted = credential?.hash ?? nobodysHash;
    const isRight = equalTexts(tryHash(text.slice(colon + 1), wanted), wanted);
    return isRight ? credential : undefined;
  }

  #checkBlacklist(address: string): void {
    const { blacklistThreshold, blacklistTimeoutMs } = this.#limits;
    const failures = this.#failures.get(address);
    if (failures === undefined || blacklistThreshold === 0 || failures.count < blacklistThreshold) return;
    const leftMs = failures.lastAtMs + blacklistTimeoutMs - performance.now();
    if (leftMs <= 0) return;
    // As KasmVNC has it: whoever goes on trying goes on waiting.
    failures.lastAtMs = performance.now();
    throw tooMany(blacklistTimeoutMs);
  }

  async #noteFailure(address: string): Promise<void> {
    const nowMs = performance.now();
    const failures = this.#failures.get(address);
    const isOld = failures === undefined || nowMs - failures.lastAtMs > forgetFailuresMs;
    const count = isOld ? 1 : failures.count + 1;
    if (this.#failures.size >= maxAddresses) this.#failures.clear();
    this.#failures.set(address, { count, lastAtMs: nowMs });
    const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(count - 1, 10));
    await new Promise((resolve) => setTimeout(resolve, delayMs));
  }
}

function tooMany(retryAfterMs: number): CodedError<'RATE_LIMITED'> {
  return new CodedError('RATE_LIMITED', 'cannot log in: too many wrong passwords from this address', { retryAfterMs });
}

function ignore(): void {}

function tryHash(password: string, setting: string): string {
  try {
    return hashPassword(password, setting);
  } catch {
    return ''; // expected: the file has a hash of a kind that this system does not know
  }
}

function equalTexts(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function unauthenticated(why: string): CodedError<'UNAUTHENTICATED'> {
  return new CodedError('UNAUTHENTICATED', `cannot show this desktop: ${why}`, {});
}
