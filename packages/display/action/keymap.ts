import type { XConnection } from '../source/x-connection.ts';

/** Where a keysym is on the keyboard. */
export interface KeyPlace {
  readonly keycode: number;
  readonly needsShift: boolean;
}

const keyboardMapping = 1; // MappingNotify: what changed is keycodes
const keptForOthers = 4; // the X server takes keys without a meaning itself, for what viewers type

/**
 * The X server's keyboard: which key has which keysym, and keys without any, which can be given one. Changes by others are seen. What a key means must stay as long as a program may not have read a press of it: programs ask for
 * the meaning when they read, not when the key was pressed.
 */
export class Keymap {
  readonly #x: XConnection;
  #places = new Map<number, KeyPlace>();
  #spare: number[] = [];
  /** Keysyms that were given to spare keys; the one that was used longest ago comes first. */
  readonly #given = new Map<number, number>();
  #isStale = true;
  /** Own changes that the X server has not announced yet. */
  readonly #announced: number[] = [];

  constructor(x: XConnection) {
    this.#x = x;
    x.onEvent((event) => {
      if (event.name !== 'MappingNotify' || event.request !== keyboardMapping) return;
      const own = event.count === 1 ? this.#announced.indexOf(event.firstKeyCode ?? 0) : -1;
      if (own === -1) this.#isStale = true;
      else this.#announced.splice(own, 1);
    });
  }

  /** Reads what has changed. To be called before a sequence of presses. */
  async refresh(): Promise<void> {
    if (!this.#isStale) return;
    this.#isStale = false;
    const { min, max } = this.#x.keycodes;
    const rows = await this.#x.reply<readonly (readonly number[])[]>((done) =>
      this.#x.client.GetKeyboardMapping(min, max - min + 1, done),
    );
    this.#places = new Map();
    const spare: number[] = [];
    for (const [index, keysyms] of rows.entries()) {
      const keycode = min + index;
      const [plain = 0, shifted = 0] = keysyms;
      const isOurs = this.#given.get(plain) === keycode;
      if (isOurs || keysyms.every((keysym) => keysym === 0)) spare.push(keycode);
      if (isOurs) continue;
      this.#note(plain, { keycode, needsShift: false });
      this.#note(shifted, { keycode, needsShift: true });
      // A key with one small letter only has its capital above it (X protocol, chapter 5).
      if (shifted === 0 && plain >= 0x61 && plain <= 0x7a) this.#note(plain - 0x20, { keycode, needsShift: true });
    }
    this.#spare = spare.slice(0, Math.max(1, spare.length - keptForOthers));
    for (const [keysym, keycode] of this.#given) {
      const row = rows[keycode - min];
      if (row?.[0] !== keysym || !this.#spare.includes(keycode)) this.#given.delete(keysym);
    }
  }

  /** How many keysyms can be given to keys at a time. */
  get room(): number {
    return this.#spare.length;
  }

  /** Whether a key has it by itself. */
  has(keysym: number): boolean {
    return this.#places.has(keysym);
  }

  find(keysym: number): KeyPlace | undefined {
    const place = this.#places.get(keysym);
    if (place !== undefined) return place;
    const keycode = this.#given.get(keysym);
    return keycode === undefined ? undefined : { keycode, needsShift: false };
  }

  /** Gives keys to keysyms that have none, at most `room`; those that have had theirs longest lose it. Unless `hasRoomFor` them, only right once no program has an unread press of such a key. */
  give(keysyms: readonly number[]): void {
    for (const keysym of keysyms) {
      const had = this.#given.get(keysym);
      if (had !== undefined) this.#given.delete(keysym); // to the end: used last
      const keycode = had ?? this.#takeSpare();
      if (keycode === undefined) return;
      this.#given.set(keysym, keycode);
      if (had !== undefined) continue;
      this.#announced.push(keycode);
      // On both levels, so that Shift and Caps Lock change nothing.
      this.#x.client.ChangeKeyboardMapping(keycode, 2, [keysym, keysym]);
    }
  }

  /** Whether all of these can be given keys without taking one away. */
  hasRoomFor(keysyms: readonly number[]): boolean {
    return this.#given.size + keysyms.filter((keysym) => !this.#given.has(keysym)).length <= this.#spare.length;
  }

  #takeSpare(): number | undefined {
    const used = new Set(this.#given.values());
    const free = this.#spare.find((keycode) => !used.has(keycode));
    if (free !== undefined) return free;
    const [oldest] = this.#given;
    if (oldest === undefined) return undefined;
    this.#given.delete(oldest[0]);
    return oldest[1];
  }

  #note(keysym: number, place: KeyPlace): void {
    if (keysym !== 0 && !this.#places.has(keysym)) this.#places.set(keysym, place);
  }
}
