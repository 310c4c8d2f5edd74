import { CodedError } from '@bhatti/base/errors.ts';
import { abortReason, sleep } from '@bhatti/base/operation.ts';
import type { XConnection } from '../source/x-connection.ts';
import { AppBarrier } from './app-barrier.ts';
import { keysymOfChar, parseKeys } from './key-names.ts';
import { Keymap, type KeyPlace } from './keymap.ts';

const shiftKeysym = 0xffe1;
const capsLockKeysym = 0xffe5;
const lockMask = 1 << 1;
const unpassedChars = 256; // so many that no program has read are in the X server at most
const currentTime = 0;

/** An operator's keyboard: any character of Unicode, any combination, by XTEST. What is held down is known, and let go of by `releaseAll`. */
export class Keyboard {
  readonly #x: XConnection;
  readonly #keymap: Keymap;
  readonly #barrier: AppBarrier;
  readonly #held = new Map<number, number>();

  constructor(x: XConnection) {
    this.#x = x;
    this.#keymap = new Keymap(x);
    this.#barrier = new AppBarrier(x);
  }

  /** Presses a combination and lets go of it. */
  async tap(keys: string, signal: AbortSignal): Promise<void> {
    await this.hold(keys, async () => {}, signal);
  }

  /** Holds combinations down while `body` runs. */
  async hold(keys: string | readonly string[], body: () => Promise<void>, signal: AbortSignal): Promise<void> {
    const keycodes = await this.#keycodesOf(typeof keys === 'string' ? [keys] : keys, signal);
    if (signal.aborted) throw abortReason(signal);
    try {
      for (const keycode of keycodes) this.#press(keycode);
      await body();
    } finally {
      for (const keycode of keycodes.toReversed()) this.#release(keycode);
    }
  }

  async down(keys: string, signal: AbortSignal): Promise<void> {
    const keysyms = parseKeys(keys);
    const keycodes = await this.#keycodesOf([keys], signal);
    if (signal.aborted) throw abortReason(signal);
    for (const [index, keycode] of keycodes.entries()) {
      this.#press(keycode);
      this.#held.set(keycode, keysyms[index] ?? 0);
    }
  }

  async up(keys: string, signal: AbortSignal): Promise<void> {
    const keycodes = await this.#keycodesOf([keys], signal);
    for (const keycode of keycodes.toReversed()) {
      this.#release(keycode);
      this.#held.delete(keycode);
    }
  }

  get holdsDown(): boolean {
    return this.#held.size > 0;
  }

  /** Lets go of what `down` left down. */
  releaseAll(): void {
    for (const keycode of [...this.#held.keys()].toReversed()) this.#release(keycode);
    this.#held.clear();
  }

  /** Types a text, each character once and in order, as fast as the program takes it. */
  async type(text: string, { delayMs, signal }: { delayMs: number; signal: AbortSignal }): Promise<void> {
    const keysyms = Array.from(text.replaceAll('\r\n', '\n'), (char) => keysymOfChar(char.codePointAt(0) ?? 0));
    await this.#keymap.refresh();
    await this.#withoutCapsLock(async () => {
      let unpassed = 0;
      for (let at = 0; at < keysyms.length;) {
        const end = this.#endOfRound(keysyms, at);
        await this.#giveKeys([...new Set(keysyms.slice(at, end))], signal);
        for (; at < end; at++) {
          if (signal.aborted) throw abortReason(signal);
          this.#tapPlace(this.#placeOf(keysyms[at] ?? 0));
          if (delayMs > 0) await sleep({ signal }, delayMs);
          if (++unpassed < unpassedChars) continue;
          await this.#barrier.pass(signal);
          unpassed = 0;
        }
      }
    });
  }

  /** The keyboard has keys for the characters from `at` to this end, all at once. */
  #endOfRound(keysyms: readonly number[], at: number): number {
    const given = new Set<number>();
    let end = at;
    for (; end < keysyms.length; end++) {
      const keysym = keysyms[end] ?? 0;
      if (this.#keymap.has(keysym) || given.has(keysym)) continue;
      // One at least, though there be no room: what then has no key says so.
      if (given.size >= Math.max(1, this.#keymap.room)) break;
      given.add(keysym);
    }
    return end;
  }

  /** Keys for keysyms that have none. A program may read presses late, and ask what keys mean late: it has read all before a key changes its meaning, and has heard of the change before that key is pressed. */
  async #giveKeys(keysyms: readonly number[], signal: AbortSignal): Promise<void> {
    const missing = keysyms.filter((keysym) => !this.#keymap.has(keysym));
    if (missing.every((keysym) => this.#keymap.find(keysym) !== undefined)) return this.#keymap.give(missing);
    if (!this.#keymap.hasRoomFor(missing)) await this.#barrier.pass(signal);
    this.#keymap.give(missing);
    await this.#barrier.pass(signal);
  }

  async #keycodesOf(combinations: readonly string[], signal: AbortSignal): Promise<number[]> {
    const keysyms = combinations.flatMap((keys) => parseKeys(keys));
    await this.#keymap.refresh();
    await this.#giveKeys([...new Set(keysyms)], signal);
    const keycodes: number[] = [];
    for (const keysym of keysyms) {
      const { keycode, needsShift } = this.#placeOf(keysym);
      const shift = needsShift ? [this.#placeOf(shiftKeysym).keycode] : [];
      for (const each of [...shift, keycode]) if (!keycodes.includes(each)) keycodes.push(each);
    }
    return keycodes;
  }

  #placeOf(keysym: number): KeyPlace {
    const place = this.#keymap.find(keysym);
    if (place !== undefined) return place;
    const argument = `0x${keysym.toString(16)}`;
    throw new CodedError('INVALID_ARGUMENT', `cannot press keysym ${argument}: the keyboard has no key left for it`, {
      argument,
    });
  }

  #tapPlace({ keycode, needsShift }: KeyPlace): void {
    const shift = needsShift ? this.#placeOf(shiftKeysym).keycode : undefined;
    if (shift !== undefined) this.#press(shift);
    this.#press(keycode);
    this.#release(keycode);
    if (shift !== undefined) this.#release(shift);
  }

  /** Caps Lock would turn letters round: it is off while a text is typed. */
  async #withoutCapsLock(body: () => Promise<void>): Promise<void> {
    const { client, screen } = this.#x;
    const { keyMask } = await this.#x.reply<{ keyMask: number }>((done) => client.QueryPointer(screen.root, done));
    const capsLock = (keyMask & lockMask) === 0 ? undefined : this.#keymap.find(capsLockKeysym);
    if (capsLock === undefined) return body();
    this.#tapPlace(capsLock);
    try {
      await body();
    } finally {
      this.#tapPlace(capsLock);
    }
  }

  #press(keycode: number): void {
    const { xtest } = this.#x;
    xtest.FakeInput(xtest.KeyPress, keycode, currentTime, 0, 0, 0);
  }

  #release(keycode: number): void {
    const { xtest } = this.#x;
    xtest.FakeInput(xtest.KeyRelease, keycode, currentTime, 0, 0, 0);
  }
}
