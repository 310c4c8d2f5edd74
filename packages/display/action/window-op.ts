import { CodedError } from '@bhatti/base/errors.ts';
import type { Action } from '@bhatti/wire/display/action.ts';
import type { XConnection } from '../source/x-connection.ts';
import type { Space } from './space.ts';

type WindowAction = Extract<Action, { do: 'window' }>;

// What pagers ask of a window manager (EWMH): the source of the request is a pager, and states are taken away or added.
const fromPager = 2;
const remove = 0;
const add = 1;
const iconic = 3; // ICCCM, section 4.1.4
const northWest = 1;
const hasPosition = (1 << 8) | (1 << 9);
const hasSize = (1 << 10) | (1 << 11);

/** Asks the window manager to do something with a window. Throws NOT_FOUND when there is no such window, INVALID_ARGUMENT when the action lacks what it needs. */
export async function operateWindow(x: XConnection, action: WindowAction, space: Space): Promise<void> {
  const { id, op } = action;
  await mustExist(x, id);
  const intern = (name: string) => x.reply<number>((done) => x.client.InternAtom(false, name, done));
  const tell = async (message: string, data: readonly number[]) =>
    x.client.SendClientMessage(x.screen.root, id, await intern(message), 32, data);
  switch (op) {
    case 'focus':
      return tell('_NET_ACTIVE_WINDOW', [fromPager, 0, 0, 0, 0]);
    case 'close':
      return tell('_NET_CLOSE_WINDOW', [0, fromPager, 0, 0, 0]);
    case 'minimize':
      return tell('WM_CHANGE_STATE', [iconic, 0, 0, 0, 0]);
    case 'maximize':
    case 'restore': {
      const [wide, high] = await Promise.all([
        intern('_NET_WM_STATE_MAXIMIZED_HORZ'),
        intern('_NET_WM_STATE_MAXIMIZED_VERT'),
      ]);
      await tell('_NET_WM_STATE', [op === 'maximize' ? add : remove, wide, high, fromPager, 0]);
      // A minimized window comes back with it.
      if (op === 'restore') await tell('_NET_ACTIVE_WINDOW', [fromPager, 0, 0, 0, 0]);
      return;
    }
    case 'move': {
      if (action.to === undefined) throw lacks('to', op);
      const to = space.toScreen(action.to);
      return tell('_NET_MOVERESIZE_WINDOW', [northWest | hasPosition | (fromPager << 12), to.x, to.y, 0, 0]);
    }
    case 'resize': {
      if (action.size === undefined) throw lacks('size', op);
      const width = Math.max(1, Math.round(space.lengthToScreen(action.size.width, 'width')));
      const height = Math.max(1, Math.round(space.lengthToScreen(action.size.height, 'height')));
      return tell('_NET_MOVERESIZE_WINDOW', [northWest | hasSize | (fromPager << 12), 0, 0, width, height]);
    }
  }
}

async function mustExist(x: XConnection, id: number): Promise<void> {
  try {
    await x.reply((done) => x.client.GetWindowAttributes(id, done));
  } catch (cause) {
    const path = `window ${id}`;
    throw new CodedError(
      'NOT_FOUND',
      `no window has the id ${id}`,
      { path },
      { cause, hint: 'ask for "windows" again' },
    );
  }
}

function lacks(field: string, op: string): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', `cannot ${op} the window: "${field}" is missing`, { argument: field });
}
