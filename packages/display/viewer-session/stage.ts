import type { CursorShape } from '@bhatti/rfb/cursor.ts';
import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import type { FrameEncoder } from '../encode/frame-encoder.ts';
import type { DesktopLayout } from '../resize/resizer.ts';
import type { Frame } from '../source/frame.ts';
import type { ViewerAbilities } from './abilities.ts';

/** What a viewer session sees of the desktop's picture. */
export interface Stage {
  readonly layout: DesktopLayout;
  readonly name: string;
  /** What is offered to every viewer, whatever the depth of the screen. */
  readonly format: PixelFormat;
  /** The newest frame; undefined until the first was captured. */
  frame(): Frame | undefined;
  /** Captures what was drawn since, where the frame rate allows it; undefined when there is nothing to wait for. */
  refresh(): Promise<void> | undefined;
  /** Someone could use a newer frame than there is. */
  wantFrame(): void;
  readonly encoder: FrameEncoder;
  /** The pointer's shape, for a viewer that draws it; undefined for others, and while it is not known. */
  cursor(abilities: ViewerAbilities): CursorShape | undefined;
  /** Bits of LedBit. */
  leds(): number;
}
