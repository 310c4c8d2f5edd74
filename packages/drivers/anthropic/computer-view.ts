import type { BatchReply, Picture, Size } from '@bhatti/wire/display/action.ts';

import type { Desktop } from '../desktop.ts';
import { largestFit, type PictureLimit } from '../picture-limit.ts';

/** What the model sees of a desktop: how large the screen is, and the picture that it last got, which its coordinates are meant in. */
export interface ComputerView {
  /** Of the last picture; before there is one, of the one that there would be. Asks the desktop once. */
  space(signal: AbortSignal): Promise<Size>;
  /** The largest picture of the screen that the model takes. */
  fit(signal: AbortSignal): Promise<Size>;
  /** Takes note of a reply, and of the picture of the whole screen that the model gets of it. */
  note(reply: BatchReply, picture: Picture | undefined): void;
}

export function openComputerView(desktop: Desktop, limit: PictureLimit): ComputerView {
  let screen: Size | undefined;
  let seen: Size | undefined;

  const fit = async (signal: AbortSignal) => {
    screen ??= (await desktop.act({ actions: [] }, signal)).screen;
    return largestFit(screen, limit);
  };
  return {
    fit,
    space: async (signal) => seen ?? fit(signal),
    note(reply, picture) {
      screen = reply.screen;
      if (picture !== undefined) seen = { width: picture.width, height: picture.height };
    },
  };
}
