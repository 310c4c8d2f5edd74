import type { DesktopWindow } from '@bhatti/wire/display/control.ts';
import type { Rect } from '@bhatti/rfb/rect.ts';
import type { XConnection } from '../source/x-connection.ts';

/** A window manager's words (EWMH and ICCCM), as atoms of this X server. */
export interface Atoms {
  readonly clientListStacking: number;
  readonly clientList: number;
  readonly activeWindow: number;
  readonly windowType: number;
  readonly windowTypeDock: number;
  readonly netWmName: number;
}

const wmName = 39; // predefined atoms of the X protocol
const anyType = 0;
const viewable = 2;
const maxWords = 16_384; // 64 KB of a property: far above any real list, far below what hurts

export async function internAtoms(x: XConnection): Promise<Atoms> {
  const intern = (name: string) => x.reply<number>((done) => x.client.InternAtom(false, name, done));
  const [clientListStacking, clientList, activeWindow, windowType, windowTypeDock, netWmName] = await Promise.all([
    intern('_NET_CLIENT_LIST_STACKING'),
    intern('_NET_CLIENT_LIST'),
    intern('_NET_ACTIVE_WINDOW'),
    intern('_NET_WM_WINDOW_TYPE'),
    intern('_NET_WM_WINDOW_TYPE_DOCK'),
    intern('_NET_WM_NAME'),
  ]);
  return { clientListStacking, clientList, activeWindow, windowType, windowTypeDock, netWmName };
}

/** What the window manager lists, front to back. Windows that vanish meanwhile are left out. */
export async function listWindows(x: XConnection, atoms: Atoms): Promise<DesktopWindow[]> {
  const root = x.screen.root;
  const [stacking, active] = await Promise.all([
    readWords(x, root, atoms.clientListStacking),
    readWords(x, root, atoms.activeWindow),
  ]);
  const ids = stacking.length > 0 ? stacking : await readWords(x, root, atoms.clientList);
  const windows = await Promise.all(
    ids.toReversed().map(async (id): Promise<DesktopWindow | undefined> => {
      const [title, rect] = await Promise.all([readTitle(x, id, atoms), tryRootRect(x, id)]);
      return rect && { id, title, ...rect, active: id === active[0] };
    }),
  );
  return windows.filter((window) => window !== undefined);
}

/** The window that has the keyboard, also one that the window manager does not list. */
export async function activeWindow(x: XConnection, atoms: Atoms): Promise<DesktopWindow | undefined> {
  const [id] = await readWords(x, x.screen.root, atoms.activeWindow);
  if (id === undefined || id === 0) return undefined;
  const [title, rect] = await Promise.all([readTitle(x, id, atoms), tryRootRect(x, id)]);
  return rect && { id, title, ...rect, active: true };
}

/** Windows of type dock that are shown: panels. */
export async function visibleDocks(x: XConnection, atoms: Atoms): Promise<{ id: number; rect: Rect }[]> {
  const ids = await readWords(x, x.screen.root, atoms.clientList);
  const docks = await Promise.all(
    ids.map(async (id) => {
      const types = await readWords(x, id, atoms.windowType);
      if (!types.includes(atoms.windowTypeDock)) return undefined;
      const [rect, isShown] = await Promise.all([tryRootRect(x, id), isViewable(x, id)]);
      return rect !== undefined && isShown ? { id, rect } : undefined;
    }),
  );
  return docks.filter((dock) => dock !== undefined);
}

async function isViewable(x: XConnection, window: number): Promise<boolean> {
  try {
    const attributes = await x.reply<{ mapState: number }>((done) => x.client.GetWindowAttributes(window, done));
    return attributes.mapState === viewable;
  } catch {
    return false; // expected: the window is gone
  }
}

/** Where a window is on the screen; undefined when it is gone. */
async function tryRootRect(x: XConnection, window: number): Promise<Rect | undefined> {
  try {
    const [{ width, height }, { destX, destY }] = await Promise.all([
      x.reply<{ width: number; height: number }>((done) => x.client.GetGeometry(window, done)),
      x.reply<{ destX: number; destY: number }>((done) =>
        x.client.TranslateCoordinates(window, x.screen.root, 0, 0, done),
      ),
    ]);
    return { x: destX, y: destY, width, height };
  } catch {
    return undefined; // expected: the window is gone
  }
}

async function readTitle(x: XConnection, window: number, atoms: Atoms): Promise<string> {
  const [utf8, latin1] = await Promise.all([readProperty(x, window, atoms.netWmName), readProperty(x, window, wmName)]);
  return utf8.length > 0 ? utf8.toString('utf8') : latin1.toString('latin1');
}

async function readWords(x: XConnection, window: number, property: number): Promise<number[]> {
  const data = await readProperty(x, window, property);
  return Array.from({ length: Math.floor(data.length / 4) }, (_, i) => data.readUInt32LE(i * 4));
}

async function readProperty(x: XConnection, window: number, property: number): Promise<Buffer> {
  try {
    const { data } = await x.reply<{ data: Buffer }>((done) =>
      x.client.GetProperty(0, window, property, anyType, 0, maxWords, done),
    );
    return data;
  } catch {
    return Buffer.alloc(0); // expected: the window is gone
  }
}
