import type { Action } from '@bhatti/wire/display/action.ts';

export interface WriteTextOptions {
  /** Characters at once, where there is a delay. Default 25. */
  readonly chunkSize?: number | undefined;
  /** Between chunks. Default: none, since no character is lost here. */
  readonly delayInMs?: number | undefined;
}

const maxCharacters = 16_384; // of one action; a character has up to two of the units that its limit counts
const chunksOfBatch = 100;

/** A text as batches of actions, each within what a batch may hold. */
export function typingOf(text: string, { chunkSize = 25, delayInMs }: WriteTextOptions): Action[][] {
  const characters = Array.from(text);
  const size = delayInMs === undefined ? maxCharacters : Math.max(1, Math.min(chunkSize, maxCharacters));
  const actions: Action[][] = [];
  for (let at = 0; at < characters.length; at += size) {
    const typed: Action = { do: 'type', text: characters.slice(at, at + size).join('') };
    const isLast = at + size >= characters.length;
    actions.push(delayInMs === undefined || isLast ? [typed] : [typed, { do: 'wait', ms: delayInMs }]);
  }
  const batches: Action[][] = [];
  for (let at = 0; at < actions.length; at += chunksOfBatch) batches.push(actions.slice(at, at + chunksOfBatch).flat());
  return batches;
}
