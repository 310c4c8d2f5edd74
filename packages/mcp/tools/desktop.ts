import type { Tool, ToolContext } from '../tool.ts';
import { singleActionTool, type SingleActionSpec } from './single-action.ts';
import { waitTool } from './wait.ts';

const point = 'Where: [x, y] in pixels from the left top; the pointer stays where it is without it.';
const hold = 'Keys held down meanwhile, e.g. ["shift"].';
const picture = {
  format: 'Default jpeg, which is small; png is exact.',
  quality: '1 to 100, for jpeg and webp.',
  cursor: 'Draw the pointer into it.',
  fit: 'Make the picture no larger than this; its proportions stay.',
};

/** The actions that are used most, each a tool of its own. */
const singles: readonly SingleActionSpec[] = [
  {
    name: 'screenshot',
    title: 'Take a screenshot',
    description: 'Gives a picture of the screen, or of a region of it.',
    effect: 'reads',
    action: 'screenshot',
    about: {
      ...picture,
      region: '[left, top, right, bottom] in pixels.',
      scale: "Of the region's own pixels, above 0 and up to 1.",
    },
  },
  {
    name: 'zoom',
    title: 'Look closer',
    description:
      'Gives a picture of a part of the screen with all the pixels it has. Points are still those of the whole screen.',
    effect: 'reads',
    action: 'zoom',
    about: { ...picture, region: '[left, top, right, bottom] in pixels.' },
  },
  {
    name: 'click',
    title: 'Click',
    description: 'Clicks with a mouse button, once or several times.',
    effect: 'acts',
    action: 'click',
    about: { at: point, button: 'Default left.', count: '2 is a double click; default 1.', hold },
  },
  {
    name: 'drag',
    title: 'Drag',
    description: 'Presses a mouse button at the first point of a path, moves along it, and lets go at the last.',
    effect: 'acts',
    action: 'drag',
    about: {
      path: 'Two points or more, each [x, y].',
      button: 'Default left.',
      hold,
      steps: 'Places that the pointer is at between two points.',
      stepMs: 'Time at each of them.',
    },
  },
  {
    name: 'scroll',
    title: 'Scroll',
    description: 'Turns the mouse wheel.',
    effect: 'adds',
    action: 'scroll',
    about: {
      at: point,
      dx: 'Right is positive.',
      dy: 'Down is positive.',
      unit: 'click: of the wheel, the default; px: pixels of the screen.',
      hold,
    },
  },
  {
    name: 'type_text',
    title: 'Type text',
    description: 'Types text into the window that has the focus. Any Unicode; a line feed is Return, a tab is Tab.',
    effect: 'acts',
    action: 'type',
    about: {
      delayMs: 'Between two characters.',
      via: 'keys: the default; paste: by way of the clipboard, which then holds the text.',
      sensitive: 'The text shall be in no log.',
    },
  },
  {
    name: 'press_keys',
    title: 'Press keys',
    description: 'Presses a key, or several together, and lets them go.',
    effect: 'acts',
    action: 'key',
    about: { keys: 'As xdotool names them, joined by "+": "Return", "ctrl+shift+t", "alt+F4".' },
  },
  {
    name: 'windows',
    title: 'List windows',
    description: 'Lists the windows of the desktop, front to back: id, title, place, size, which is active.',
    effect: 'reads',
    action: 'windows',
  },
  {
    name: 'clipboard_read',
    title: 'Read the clipboard',
    description: 'Gives the text in the clipboard of the desktop.',
    effect: 'reads',
    action: 'copied',
  },
  {
    name: 'clipboard_write',
    title: 'Set the clipboard',
    description: 'Puts text into the clipboard of the desktop, in place of what it holds.',
    effect: 'replaces',
    action: 'copy',
  },
  {
    name: 'open',
    title: 'Open a file or address',
    description:
      'Opens a file or an address with the program that the desktop has for it, e.g. a website in the browser.',
    effect: 'adds',
    action: 'open',
    about: { target: 'Absolute path, or URL.' },
  },
  {
    name: 'launch',
    title: 'Start a program',
    description: 'Starts a program on the desktop. No shell reads its arguments.',
    effect: 'acts',
    action: 'launch',
    about: { app: 'Name or path of the program.' },
  },
];

export function desktopTools(context: ToolContext): readonly Tool[] {
  return [...singles.map((spec) => singleActionTool(context, spec)), waitTool(context)];
}
