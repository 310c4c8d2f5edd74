import { CodedError } from '@bhatti/base/errors.ts';
import x11 from 'x11';
import { keyNames } from './key-name-table.ts';

const shift = 0xffe1;
const unicodeKeysyms = 0x0100_0000; // "Unicode" keysyms begin here (X Window System Protocol, appendix A)
const lastLatin1 = 0xff;
/** Shift, Control, Meta, Alt, Super and Hyper of either side; ISO_Level3_Shift. */
const modifiers: ReadonlySet<number> = new Set([
  0xffe1, 0xffe2, 0xffe3, 0xffe4, 0xffe7, 0xffe8, 0xffe9, 0xffea, 0xffeb, 0xffec, 0xffed, 0xffee, 0xfe03,
]);

/**
 * The keysyms of a combination such as `ctrl+shift+t`, in the order in which they are pressed. Throws INVALID_ARGUMENT that names the key nobody knows. In a combination with other modifiers than Shift a capital
 * letter means the key: `ctrl+A` is what a menu calls Ctrl+A.
 */
export function parseKeys(text: string): readonly number[] {
  const keysyms = partsOf(text).map((part) => keysymOfName(part, text));
  if (keysyms.length === 1 || !keysyms.some((keysym) => modifiers.has(keysym) && keysym !== shift)) return keysyms;
  return keysyms.map((keysym) => (isCapital(keysym) ? keysym + 0x20 : keysym));
}

/** The keysym that stands for a character. */
export function keysymOfChar(codePoint: number): number {
  if (codePoint === 0x0a || codePoint === 0x0d) return 0xff0d;
  if (codePoint === 0x09) return 0xff09;
  if (codePoint === 0x08) return 0xff08;
  if (codePoint === 0x1b) return 0xff1b;
  const isLatin1 = (codePoint >= 0x20 && codePoint < 0x7f) || (codePoint >= 0xa0 && codePoint <= lastLatin1);
  return isLatin1 ? codePoint : unicodeKeysyms + codePoint;
}

/** A plus sign joins, and is a key where it joins nothing: `+`, `ctrl++`. */
function partsOf(text: string): string[] {
  if (text === '+') return ['+'];
  return text.endsWith('++') ? [...text.slice(0, -2).split('+'), '+'] : text.split('+');
}

function keysymOfName(part: string, whole: string): number {
  const name = part.trim();
  const [first = '', ...more] = name === '' ? part : name;
  if (first !== '' && more.length === 0) return keysymOfChar(first.codePointAt(0) ?? 0);
  const lower = name.toLowerCase();
  const known =
    (Object.hasOwn(keyNames, lower) ? keyNames[lower] : undefined) ?? functionKey(lower) ?? unicodeName(name);
  if (known !== undefined) return known;
  const x = Object.hasOwn(x11.keySyms, `XK_${name}`) ? x11.keySyms[`XK_${name}`] : undefined;
  if (x !== undefined) return x.code;
  throw new CodedError(
    'INVALID_ARGUMENT',
    `cannot press "${whole.slice(0, 60)}": no key is called "${name.slice(0, 40)}"`,
    { argument: 'keys', value: whole },
    { hint: 'keys are named as xdotool does: Return, ctrl+c, Page_Down, F5, a; text is for "type"' },
  );
}

function functionKey(name: string): number | undefined {
  const number = Number(/^f(\d{1,2})$/.exec(name)?.[1] ?? 0);
  return number >= 1 && number <= 35 ? 0xffbd + number : undefined;
}

/** `U4E2D` and `U+4E2D`, though a plus in the latter has joined before: xdotool's way to name a character. */
function unicodeName(name: string): number | undefined {
  const hex = /^U([0-9a-fA-F]{4,6})$/.exec(name)?.[1];
  const codePoint = hex === undefined ? 0 : Number.parseInt(hex, 16);
  return codePoint >= 0x20 && codePoint <= 0x10_ffff ? keysymOfChar(codePoint) : undefined;
}

function isCapital(keysym: number): boolean {
  return keysym >= 0x41 && keysym <= 0x5a;
}
