import type { Action, Button } from '@bhatti/wire/display/action.ts';

const buttons: Readonly<Record<string, Button>> = { 1: 'left', 2: 'middle', 3: 'right', 8: 'back', 9: 'forward' };
const wheel: Readonly<Record<string, readonly [dx: number, dy: number]>> = {
  4: [0, -1],
  5: [0, 1],
  6: [-1, 0],
  7: [1, 0],
};
const maxRepeat = 100;
/** Words with which xdotool begins its next command. */
const commands = new Set(
  (
    'click getactivewindow getmouselocation getwindowfocus getwindowgeometry getwindowname getdisplaygeometry key keydown keyup mousedown mousemove mousemove_relative mouseup search ' +
    'selectwindow set_window sleep type windowactivate windowclose windowfocus windowkill windowmap windowminimize windowmove windowquit windowraise windowreparent windowsize ' +
    'windowunmap behave behave_screen_edge exec get_desktop set_desktop get_num_desktops set_num_desktops getwindowpid getwindowclassname windowlower windowstate ' +
    'get_desktop_viewport set_desktop_viewport get_desktop_for_window set_desktop_for_window'
  ).split(' '),
);

/** The actions of an xdotool command line (xdotool(1)), or undefined when it has anything that is xdotool's own affair: windows, searches, `--clearmodifiers`. */
export function parseXdotool(args: readonly string[]): Action[] | undefined {
  const rest = [...args];
  const actions: Action[] = [];
  while (rest.length > 0) {
    const command = rest.shift() ?? '';
    const parse = Object.hasOwn(parsers, command) ? parsers[command] : undefined;
    const parsed = parse?.(rest);
    if (parsed === undefined) return undefined;
    actions.push(...parsed);
  }
  return actions.length === 0 ? undefined : actions;
}

/** Takes its arguments from the front of `rest`. */
type Parser = (rest: string[]) => Action[] | undefined;

const parsers: Readonly<Record<string, Parser>> = {
  mousemove(rest) {
    if (takeOptions(rest, { '--sync': 'flag' }) === undefined) return undefined;
    const [x, y] = [tryNumber(rest.shift()), tryNumber(rest.shift())];
    return x === undefined || y === undefined ? undefined : [{ do: 'move', to: [x, y] }];
  },
  click(rest) {
    const options = takeOptions(rest, { '--repeat': 'number', '--delay': 'number' });
    if (options === undefined) return undefined;
    const { '--repeat': repeat = 1, '--delay': delayMs = 0 } = options;
    const button = rest.shift() ?? '';
    if (repeat < 1 || repeat > maxRepeat) return undefined;
    const scroll = wheel[button];
    const name = buttons[button];
    if (scroll !== undefined && delayMs === 0)
      return [{ do: 'scroll', dx: scroll[0] * repeat, dy: scroll[1] * repeat }];
    if (name === undefined) return undefined;
    if (delayMs === 0 && repeat <= 10) return [{ do: 'click', button: name, count: repeat }];
    return Array.from({ length: repeat }, (): Action[] => [
      { do: 'click', button: name },
      { do: 'wait', ms: delayMs },
    ]).flat();
  },
  mousedown: (rest) => press('down', rest),
  mouseup: (rest) => press('up', rest),
  key(rest) {
    const options = takeOptions(rest, { '--delay': 'number', '--repeat': 'number' });
    if (options === undefined) return undefined;
    const { '--repeat': repeat = 1, '--delay': delayMs = 0 } = options;
    if (repeat < 1 || repeat > maxRepeat) return undefined;
    const all = takeKeys(rest);
    if (delayMs === 0) return all.map((keys) => ({ do: 'key', keys, repeat }));
    const spaced = (keys: string): Action[] => [
      { do: 'key', keys },
      { do: 'wait', ms: delayMs },
    ];
    return all.flatMap((keys) => Array.from({ length: repeat }, () => spaced(keys)).flat());
  },
  keydown: (rest) =>
    takeOptions(rest, {}) === undefined ? undefined : takeKeys(rest).map((keys) => ({ do: 'keydown', keys })),
  keyup: (rest) =>
    takeOptions(rest, {}) === undefined ? undefined : takeKeys(rest).map((keys) => ({ do: 'keyup', keys })),
  type(rest) {
    const options = takeOptions(rest, { '--delay': 'number' });
    if (options === undefined || rest.length === 0) return undefined;
    const { '--delay': delayMs = 0 } = options;
    // All that follows is text, one after the other.
    return [{ do: 'type', text: rest.splice(0).join(''), delayMs }];
  },
  sleep(rest) {
    const seconds = tryNumber(rest.shift());
    return seconds === undefined ? undefined : [{ do: 'wait', ms: seconds * 1000 }];
  },
};

function press(what: 'down' | 'up', rest: string[]): Action[] | undefined {
  const button = takeOptions(rest, {}) === undefined ? undefined : buttons[rest.shift() ?? ''];
  return button === undefined ? undefined : [{ do: what, button }];
}

function takeKeys(rest: string[]): string[] {
  const end = rest.findIndex((word) => commands.has(word));
  return rest.splice(0, end === -1 ? rest.length : end);
}

/** Options in front, with their values; undefined when there is one that is not known here. */
function takeOptions<O extends string>(
  rest: string[],
  known: Readonly<Record<O, 'flag' | 'number'>>,
): { [K in O]?: number } | undefined {
  const taken: { [K in O]?: number } = {};
  while (rest[0]?.startsWith('--') === true) {
    const word = rest.shift() ?? '';
    if (word === '--') return taken;
    const [name = '', inline] = word.split('=', 2);
    if (!isKnown(known, name)) return undefined;
    const value = known[name] === 'flag' ? 1 : tryNumber(inline ?? rest.shift());
    if (value === undefined) return undefined;
    taken[name] = value;
  }
  return taken;
}

function isKnown<O extends string>(known: Readonly<Record<O, unknown>>, name: string): name is O {
  return Object.hasOwn(known, name);
}

function tryNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
