import type { CursorShape } from '@bhatti/rfb/cursor.ts';
import { bgrx8888, type PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import type { CursorWatch } from '../cursor/cursor-watch.ts';
import type { FrameEncoder } from '../encode/frame-encoder.ts';
import type { DesktopLayout, Resizer } from '../resize/resizer.ts';
import type { Frame } from '../source/frame.ts';
import type { ScreenSource } from '../source/screen-source.ts';
import type { FrameClock } from '../update/frame-clock.ts';
import type { ViewerAbilities } from './abilities.ts';
import type { Stage } from './stage.ts';

export interface DesktopStageParts {
  readonly name: string;
  readonly source: ScreenSource;
  readonly encoder: FrameEncoder;
  readonly resizer: Resizer;
  readonly cursor: CursorWatch;
  readonly leds: () => number;
  readonly clock: FrameClock;
}

/** The desktop's picture, as all viewer sessions see it. */
export class DesktopStage implements Stage {
  readonly #parts: DesktopStageParts;

  constructor(parts: DesktopStageParts) {
    this.#parts = parts;
  }

  get layout(): DesktopLayout {
    return this.#parts.resizer.layout;
  }

  get name(): string {
    return this.#parts.name;
  }

  get format(): PixelFormat {
    return bgrx8888;
  }

  get encoder(): FrameEncoder {
    return this.#parts.encoder;
  }

  frame(): Frame | undefined {
    return this.#parts.source.current;
  }

  wantFrame(): void {
    this.#parts.clock.poke();
  }

  refresh(): Promise<void> | undefined {
    return this.#parts.clock.refresh();
  }

  leds(): number {
    return this.#parts.leds();
  }

  cursor(abilities: ViewerAbilities): CursorShape | undefined {
    return abilities.cursor === undefined ? undefined : this.#parts.cursor.shape;
  }
}
