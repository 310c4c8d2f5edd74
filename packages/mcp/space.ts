import { CodedError } from '@bhatti/base/errors.ts';
import type { Size } from '@bhatti/wire/display/action.ts';

const maxSide = 16_384; // of a screen, as the vocabulary has it

/** `1280x720`. */
export function parseSize(text: string): Size {
  const [, width = 0, height = 0] = (/^(\d{1,5})x(\d{1,5})$/.exec(text) ?? []).map(Number);
  if (width > 0 && height > 0 && width <= maxSide && height <= maxSide) return { width, height };
  throw new CodedError(
    'INVALID_ARGUMENT',
    `invalid value "${text}" for --space: it must be WIDTHxHEIGHT`,
    { argument: '--space', value: text },
    { hint: 'for example --space 1280x720' },
  );
}
