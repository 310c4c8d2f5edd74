/**
 * The shape of the pointer. `rgba` has 4 bytes a pixel, top row first, width × 4 bytes a row, alpha not multiplied into the colours. A shape of
 * 0 × 0 is an invisible pointer.
 */
export interface CursorShape {
  readonly width: number;
  readonly height: number;
  readonly hotX: number;
  readonly hotY: number;
  readonly rgba: Uint8Array;
}
