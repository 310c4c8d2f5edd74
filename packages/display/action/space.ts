import { CodedError } from '@bhatti/base/errors.ts';
import type { Rect } from '@bhatti/rfb/rect.ts';
import type { Bounds } from '@bhatti/wire/display/a11y.ts';
import type { Point, Size } from '@bhatti/wire/display/action.ts';

/**
 * From the pixels of the picture that an operator saw to those of the screen, and back. A pixel is meant by its middle, so that the same pixel comes back. Throws INVALID_ARGUMENT for what is outside of the picture.
 */
export class Space {
  readonly #screen: Size;
  readonly #seen: Size;

  constructor(screen: Size, seen: Size | undefined) {
    this.#screen = screen;
    this.#seen = seen ?? screen;
  }

  /** What pictures are made to fit, so that coordinates in them are of this space. */
  get size(): Size {
    return this.#seen;
  }

  toScreen([x, y]: Point): { readonly x: number; readonly y: number } {
    const { width, height } = this.#seen;
    if (x < 0 || y < 0 || x >= width || y >= height) {
      throw new CodedError(
        'INVALID_ARGUMENT',
        `cannot point at ${x}, ${y}: it is outside of the ${width}×${height} pixels that are seen`,
        { argument: 'at', value: `${x},${y}` },
        { hint: `x is from 0 to ${width - 1}, y from 0 to ${height - 1}` },
      );
    }
    return {
      x: scaled(Math.floor(x), width, this.#screen.width),
      y: scaled(Math.floor(y), height, this.#screen.height),
    };
  }

  fromScreen({ x, y }: { readonly x: number; readonly y: number }): { readonly x: number; readonly y: number } {
    return {
      x: scaled(x, this.#screen.width, this.#seen.width),
      y: scaled(y, this.#screen.height, this.#seen.height),
    };
  }

  /** Left, top, right, bottom; what lies outside is cut off, and something must be left. */
  toScreenRect([left, top, right, bottom]: readonly [number, number, number, number]): Rect {
    const { width, height } = this.#seen;
    const ratioX = this.#screen.width / width;
    const ratioY = this.#screen.height / height;
    const x = Math.max(0, Math.floor(left * ratioX));
    const y = Math.max(0, Math.floor(top * ratioY));
    const rect = {
      x,
      y,
      width: Math.min(this.#screen.width, Math.ceil(right * ratioX)) - x,
      height: Math.min(this.#screen.height, Math.ceil(bottom * ratioY)) - y,
    };
    if (rect.width > 0 && rect.height > 0) return rect;
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot take the region ${left}, ${top} to ${right}, ${bottom}: it has no pixel of the ${width}×${height} that are seen`,
      { argument: 'region', value: `${left},${top},${right},${bottom}` },
    );
  }

  /** A distance along an axis. */
  lengthToScreen(length: number, axis: 'width' | 'height'): number {
    return (length * this.#screen[axis]) / this.#seen[axis];
  }
}

/** An element with its bounds as the operator sees them. */
export function inSpace<E extends { readonly bounds?: Bounds | undefined }>(element: E, space: Space): E {
  if (element.bounds === undefined) return element;
  const { x, y, width, height } = element.bounds;
  const [start, end] = [space.fromScreen({ x, y }), space.fromScreen({ x: x + width, y: y + height })];
  return { ...element, bounds: { ...start, width: end.x - start.x, height: end.y - start.y } };
}

function scaled(at: number, from: number, to: number): number {
  return from === to ? at : Math.min(to - 1, Math.floor(((at + 0.5) * to) / from));
}
