import type { XConnection } from '../source/x-connection.ts';

const cardinalType = 6; // predefined atoms of the X protocol
const windowType = 33;

/** What gives the process whose window has the keyboard, as the window manager and the program say; undefined where they do not. */
export async function openActiveProgram(x: XConnection): Promise<() => Promise<number | undefined>> {
  const intern = (name: string) => x.reply<number>((done) => x.client.InternAtom(false, name, done));
  const [activeWindow, wmPid] = await Promise.all([intern('_NET_ACTIVE_WINDOW'), intern('_NET_WM_PID')]);

  async function readWord(window: number, property: number, type: number): Promise<number | undefined> {
    try {
      const { data } = await x.reply<{ readonly data: Buffer }>((done) =>
        x.client.GetProperty(0, window, property, type, 0, 1, done),
      );
      return data.length >= 4 ? data.readUInt32LE(0) : undefined;
    } catch {
      return undefined; // expected: the window is gone
    }
  }

  return async () => {
    const window = await readWord(x.screen.root, activeWindow, windowType);
    if (window === undefined || window === 0) return undefined;
    return readWord(window, wmPid, cardinalType);
  };
}
