import type { SettleRequest } from '@bhatti/wire/display/action.ts';
import { decodeError } from '@bhatti/wire/error.ts';

import { mustPicture, resultsOf, type Desktop } from '../desktop.ts';
import { mustBeInside } from '../inside.ts';
import { computerAction, type ComputerMemberName } from './computer-action.ts';
import { cursorOf, effectText } from './computer-result.ts';
import { openComputerView } from './computer-view.ts';
import { limitOf, pictureFields, type PictureOptions } from './picture.ts';

export interface ComputerMembersOptions extends PictureOptions {
  readonly desktop: Desktop;
  readonly settle?: SettleRequest;
}

/** What a member brings, in the shapes of the SDK's `BetaAbstractComputerToolset20260801`. */
export type ComputerMemberResult =
  | { data: string; mediaType: 'image/png' | 'image/jpeg' | 'image/webp' }
  | { x: number; y: number }
  | string;

/**
 * The members of `computer_toolset_20260801` for the SDK's own class, which asks `confirm`, keeps the order and writes the results:
 *
 *     class Desktop extends BetaAbstractComputerToolset20260801 {
 *       #members = createComputerMembers({ desktop });
 *       protected override execute(...call: Parameters<typeof this.#members.execute>) { return this.#members.execute(...call); }
 *     }
 */
export function createComputerMembers(options: ComputerMembersOptions) {
  const view = openComputerView(options.desktop, limitOf(options));
  return {
    /** Carries out one call. Throws an Error that the model may read. */
    async execute(
      ctx: { readonly signal?: AbortSignal | null | undefined },
      name: ComputerMemberName,
      input: unknown,
    ): Promise<ComputerMemberResult> {
      const signal = ctx.signal ?? new AbortController().signal;
      const space = await view.space(signal);
      const picture = pictureFields(options, name === 'zoom' ? space : await view.fit(signal));
      const action = mustBeInside(computerAction(name, input, picture), name, space);
      const reply = await options.desktop.act({ actions: [action], space, settle: options.settle ?? {} }, signal);
      view.note(reply, name === 'screenshot' ? reply.results[0]?.picture : undefined);

      const [result] = resultsOf(reply, 1);
      if (result === undefined || !result.ok) throw decodeError(result?.error, 'the desktop');
      if (name === 'cursor_position') return cursorOf(result);
      if (name !== 'screenshot' && name !== 'zoom') return effectText(result);
      const { format, data } = mustPicture(result.picture);
      return { data, mediaType: `image/${format}` };
    },
  };
}
