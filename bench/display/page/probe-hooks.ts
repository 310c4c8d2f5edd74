// What the probe in the viewer's page offers as `window.displayBench`. Times are those of the machine's clock, in ms.

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface SeenFrame {
  readonly number: number;
  readonly atMs: number;
}

export interface KeyTimes {
  /** The page heard of the key. */
  readonly pressedAtMs: number;
  /** The client told its server. */
  readonly sentAtMs: number;
  /** The message came that the new pixels were in, or the last before they were drawn. */
  readonly messageAtMs: number;
  /** The new pixels were on the canvas. */
  readonly seenAtMs: number;
}

export interface ProbeLog {
  /** Frames in the order in which the canvas got them. */
  readonly drawn: readonly SeenFrame[];
  /** Frames that stood on the canvas when the browser showed it. */
  readonly shown: readonly number[];
  readonly keys: readonly KeyTimes[];
  readonly moves: readonly { readonly x: number; readonly y: number; readonly atMs: number }[];
}

export interface ProbeHooks {
  /** Begins a new log. */
  watch(what: { strip?: { x: number; y: number }; key?: Area }): void;
  takeLog(): ProbeLog;
  /** Whether a key was pressed and nothing of it was seen yet. */
  readonly isPending: boolean;
  /** Counts the key that was pressed as seen now. */
  giveUp(): void;
  /** Whether anything was drawn. */
  readonly isDrawn: boolean;
  readonly size: { readonly width: number; readonly height: number };
  now(): number;
  /** Keeps what the canvas shows now. */
  snap(): void;
  takeSnapshot(): { number: number; width: number; height: number; base64: string } | undefined;
}
