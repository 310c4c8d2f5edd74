import type { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** One monitor's area within the framebuffer, as ExtendedDesktopSize and SetDesktopSize carry it (community document). */
export interface Screen {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly flags: number;
}

export const screenBytes = 16;

export function readScreens(reader: ByteReader, count: number): Screen[] {
  const screens: Screen[] = [];
  for (let i = 0; i < count; i++) {
    screens.push({
      id: reader.u32(),
      x: reader.u16(),
      y: reader.u16(),
      width: reader.u16(),
      height: reader.u16(),
      flags: reader.u32(),
    });
  }
  return screens;
}

export function writeScreens(writer: ByteWriter, screens: readonly Screen[]): void {
  for (const { id, x, y, width, height, flags } of screens) {
    writer.u32(id).u16(x).u16(y).u16(width).u16(height).u32(flags);
  }
}

/** Whether every screen lies in the framebuffer, has pixels, and has an id of its own. A layout that fails is answered with status `invalidLayout`. */
export function isValidLayout(width: number, height: number, screens: readonly Screen[]): boolean {
  if (width < 1 || height < 1 || screens.length === 0) return false;
  if (new Set(screens.map((screen) => screen.id)).size !== screens.length) return false;
  return screens.every(
    (screen) =>
      screen.width > 0 && screen.height > 0 && screen.x + screen.width <= width && screen.y + screen.height <= height,
  );
}
