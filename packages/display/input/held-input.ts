/** A key as a viewer names it: by keysym, and by scancode where it sends QEMU key events. */
export interface Key {
  readonly keysym: number;
  /** XT scancode; 0 where the viewer sends keysyms only. */
  readonly keycode: number;
}

export interface PointerState {
  readonly x: number;
  readonly y: number;
  readonly buttonMask: number;
}

/** Where input goes in the end. */
export interface InputSink {
  key(key: Key, down: boolean): void;
  pointer(state: PointerState): void;
}

interface Holder {
  readonly keys: Map<string, Key>;
  pointer: PointerState | undefined;
  /** Buttons that the viewer holds and that do not count until they were up. */
  spentButtons: number;
}

/**
 * Keyboard and pointer of all viewers together, with what each of them holds down: the desktop has one keyboard and one pointer. A key stays down while any viewer holds it; a viewer that drags has the
 * pointer for itself; and when a viewer leaves, all that it held is let go.
 */
export class HeldInput {
  readonly #sink: InputSink;
  readonly #holders = new Map<unknown, Holder>();

  constructor(sink: InputSink) {
    this.#sink = sink;
  }

  key(viewer: unknown, key: Key, down: boolean): void {
    const { keys } = this.#holder(viewer);
    const id = idOf(key);
    if (down) {
      keys.set(id, key);
      // A key that is down already is auto-repeat of the viewer.
      this.#sink.key(key, true);
      return;
    }
    // A release without a press is left over from before the viewer came or had the focus.
    if (!keys.delete(id)) return;
    if (!this.#isHeld(id)) this.#sink.key(key, false);
  }

  pointer(viewer: unknown, state: PointerState): void {
    const dragger = this.#dragger();
    if (dragger !== undefined && dragger !== viewer) return;
    const holder = this.#holder(viewer);
    holder.spentButtons &= state.buttonMask;
    holder.pointer = { ...state, buttonMask: state.buttonMask & ~holder.spentButtons };
    this.#sink.pointer(holder.pointer);
  }

  /** A movement of a viewer that may not act now. A button that it presses meanwhile must not go down once it may. */
  ignorePointer(viewer: unknown, { buttonMask }: PointerState): void {
    this.#holder(viewer).spentButtons = buttonMask;
  }

  /** Lets go of all that viewers hold down; whether they held anything. A button that a person still presses does nothing until it was up. */
  releaseAll(): boolean {
    const holders = [...this.#holders];
    let hasHeld = false;
    for (const [viewer, { keys, pointer, spentButtons }] of holders) {
      const pressed = pointer?.buttonMask ?? 0;
      hasHeld ||= keys.size > 0 || pressed !== 0;
      this.release(viewer);
      this.#holder(viewer).spentButtons = spentButtons | pressed;
    }
    return hasHeld;
  }

  /** The viewer is gone, or may not act any more. */
  release(viewer: unknown): void {
    const holder = this.#holders.get(viewer);
    if (holder === undefined) return;
    this.#holders.delete(viewer);
    for (const [id, key] of holder.keys) if (!this.#isHeld(id)) this.#sink.key(key, false);
    if (holder.pointer !== undefined && holder.pointer.buttonMask !== 0) {
      this.#sink.pointer({ ...holder.pointer, buttonMask: 0 });
    }
  }

  #holder(viewer: unknown): Holder {
    const present = this.#holders.get(viewer);
    if (present !== undefined) return present;
    const made: Holder = { keys: new Map(), pointer: undefined, spentButtons: 0 };
    this.#holders.set(viewer, made);
    return made;
  }

  #isHeld(id: string): boolean {
    return [...this.#holders.values()].some((holder) => holder.keys.has(id));
  }

  #dragger(): unknown {
    for (const [viewer, { pointer }] of this.#holders) if ((pointer?.buttonMask ?? 0) !== 0) return viewer;
    return undefined;
  }
}

function idOf({ keysym, keycode }: Key): string {
  return keycode === 0 ? `keysym ${keysym}` : `keycode ${keycode}`;
}
