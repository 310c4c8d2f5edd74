import { CodedError } from '@bhatti/base/errors.ts';
import { startProgram } from '@bhatti/sys/process/start-program.ts';
import { readEnvironment } from '@bhatti/sys/process/proc.ts';
import type { XConnection } from '../source/x-connection.ts';

const cardinal = 6; // predefined atoms of the X protocol
const anyWindow = 33;
/** Programs that know which program opens what, the desktop's own first. */
const openers = ['exo-open', 'xdg-open', 'gio'];

/** Starts a program as if the desktop's menu had: in its session's environment, in a session of its own. Resolves with its pid; throws TOOL_MISSING when there is no such program. No shell reads what it is given. */
export async function launchProgram(x: XConnection, app: string, args: readonly string[]): Promise<number> {
  const env = await sessionEnvironment(x);
  const pid = startProgram([app, ...args], env);
  if (pid !== undefined) return pid;
  throw new CodedError('TOOL_MISSING', `cannot launch "${app.slice(0, 200)}": no such program is installed`, {
    tool: app,
  });
}

/** Opens a file or an address with the program that the desktop has for it. */
export async function openTarget(x: XConnection, target: string): Promise<number> {
  // What begins with a dash would be an option of the opener.
  const safe = target.startsWith('-') ? `./${target}` : target;
  const env = await sessionEnvironment(x);
  for (const opener of openers) {
    const pid = startProgram(opener === 'gio' ? [opener, 'open', safe] : [opener, safe], env);
    if (pid !== undefined) return pid;
  }
  throw new CodedError('TOOL_MISSING', `cannot open "${target.slice(0, 200)}": xdg-open is not installed`, {
    tool: 'xdg-open',
  });
}

/** The environment of the window manager is that of the session: its D-Bus, its themes. Ours, where none runs. */
async function sessionEnvironment(x: XConnection): Promise<Record<string, string>> {
  const own = Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  const pid = await windowManagerPid(x);
  const session = pid === undefined ? undefined : readEnvironment(pid);
  return { ...(session ?? own), DISPLAY: x.displayName };
}

async function windowManagerPid(x: XConnection): Promise<number | undefined> {
  const { client, screen } = x;
  const intern = (name: string) => x.reply<number>((done) => client.InternAtom(false, name, done));
  const word = async (window: number, property: number, type: number) => {
    const { data } = await x.reply<{ data: Buffer }>((done) =>
      client.GetProperty(0, window, property, type, 0, 1, done),
    );
    return data.length >= 4 ? data.readUInt32LE(0) : undefined;
  };
  try {
    const [check, pidOf] = await Promise.all([intern('_NET_SUPPORTING_WM_CHECK'), intern('_NET_WM_PID')]);
    const window = await word(screen.root, check, anyWindow);
    return window === undefined ? undefined : await word(window, pidOf, cardinal);
  } catch {
    return undefined; // expected: no window manager, or one that just went
  }
}
