import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import type { SharedSegment } from '@bhatti/sys/shm.ts';

/**
 * One captured state of the whole screen. Its pixels lie in a shared segment that nobody writes while a reference is held: whoever works on a frame beyond the call that handed it over retains it
 * first and releases it afterwards. At most two frames can be held at a time before capturing has to wait.
 */
export interface Frame {
  /** Grows by one with every frame whose pixels differ from the one before. */
  readonly serial: number;
  readonly width: number;
  readonly height: number;
  readonly strideBytes: number;
  readonly format: PixelFormat;
  readonly segment: SharedSegment;
  retain(): void;
  release(): void;
}
