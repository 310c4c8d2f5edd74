import { CodedError } from '@bhatti/base/errors.ts';
import type { Action, Point, Size } from '@bhatti/wire/display/action.ts';

/** `action`, when all its places lie in a picture of this size. INVALID_ARGUMENT otherwise: the nearest place that does is not what was meant. */
export function mustBeInside(action: Action, of: string, { width, height }: Size): Action {
  for (const [x, y] of pointsOf(action)) {
    if (x >= 0 && y >= 0 && x < width && y < height) continue;
    throw new CodedError(
      'INVALID_ARGUMENT',
      `invalid ${of}: (${x}, ${y}) is outside of the picture, which is ${width}x${height} pixels`,
      { argument: 'coordinate', value: `${x},${y}` },
    );
  }
  return action;
}

function pointsOf(action: Action): readonly Point[] {
  if (action.do === 'move') return [action.to];
  if (action.do === 'drag') return action.path;
  if (action.do === 'zoom') {
    const [left, top, right, bottom] = action.region;
    // The last two are the first pixels that are not in it.
    return [
      [left, top],
      [right - 1, bottom - 1],
    ];
  }
  return 'at' in action && action.at !== undefined ? [action.at] : [];
}
