import { type GivenOptions, normalise } from './given.ts';
import type { OptionKind } from './option-table.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

const side: OptionKind = { type: 'integer', min: 64, max: 16_384 };

/** The environment variables of the page, each with the option it stands for. */
const variables: readonly { readonly name: string; readonly option: string; readonly kind: OptionKind }[] = [
  { name: 'DISPLAY_WIDTH', option: 'desktop.resolution.width', kind: side },
  { name: 'DISPLAY_HEIGHT', option: 'desktop.resolution.height', kind: side },
  { name: 'DISPLAY_DEPTH', option: 'depth', kind: { type: 'choice', values: { '16': '16', '24': '24', '32': '32' } } },
  { name: 'KASM_FRAMERATE', option: 'framerate', kind: { type: 'integer', min: 1, max: 240 } },
  { name: 'KASM_THREADS', option: 'rectthreads', kind: { type: 'integer', min: 0, max: 64, words: { auto: '0' } } },
];

/**
 * The options that the environment sets. An empty variable counts as unset. A wrong one throws INVALID_ARGUMENT that names the variable, also where a flag made from it would
 * have said the same in a less helpful way: the unit writes `-geometry ${DISPLAY_WIDTH}x${DISPLAY_HEIGHT}`.
 */
export function optionsFromEnvironment(environment: Environment): GivenOptions {
  const given: GivenOptions = new Map();
  for (const { name, option, kind } of variables) {
    const value = environment[name];
    if (value === undefined || value === '') continue;
    given.set(option, { value: normalise(kind, value, name), origin: name });
  }
  return given;
}
