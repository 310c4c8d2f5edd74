/** A key as a page sees it. */
export interface KeyDefinition {
  readonly key: string;
  readonly code: string;
  /** `windowsVirtualKeyCode` of the protocol, `keyCode` of the page. */
  readonly keyCode: number;
  /** What it types, without Ctrl, Alt and Super. */
  readonly text?: string;
}

export const altBit = 1;
export const ctrlBit = 2;
export const metaBit = 4;
export const shiftBit = 8;

export const modifierBits: ReadonlyMap<string, number> = new Map([
  ['alt', altBit],
  ['ctrl', ctrlBit],
  ['super', metaBit],
  ['shift', shiftBit],
]);

const functionKeys = Object.fromEntries(
  Array.from({ length: 24 }, (_, i) => [`F${i + 1}`, { key: `F${i + 1}`, code: `F${i + 1}`, keyCode: 112 + i }]),
);

/** By X's names, which `keys.ts` gives. */
const namedKeys: Readonly<Record<string, KeyDefinition>> = {
  shift: { key: 'Shift', code: 'ShiftLeft', keyCode: 16 },
  ctrl: { key: 'Control', code: 'ControlLeft', keyCode: 17 },
  alt: { key: 'Alt', code: 'AltLeft', keyCode: 18 },
  super: { key: 'Meta', code: 'MetaLeft', keyCode: 91 },
  Return: { key: 'Enter', code: 'Enter', keyCode: 13, text: '\r' },
  KP_Enter: { key: 'Enter', code: 'NumpadEnter', keyCode: 13, text: '\r' },
  Tab: { key: 'Tab', code: 'Tab', keyCode: 9 },
  Escape: { key: 'Escape', code: 'Escape', keyCode: 27 },
  BackSpace: { key: 'Backspace', code: 'Backspace', keyCode: 8 },
  Delete: { key: 'Delete', code: 'Delete', keyCode: 46 },
  Insert: { key: 'Insert', code: 'Insert', keyCode: 45 },
  Home: { key: 'Home', code: 'Home', keyCode: 36 },
  End: { key: 'End', code: 'End', keyCode: 35 },
  Page_Up: { key: 'PageUp', code: 'PageUp', keyCode: 33 },
  Page_Down: { key: 'PageDown', code: 'PageDown', keyCode: 34 },
  Left: { key: 'ArrowLeft', code: 'ArrowLeft', keyCode: 37 },
  Up: { key: 'ArrowUp', code: 'ArrowUp', keyCode: 38 },
  Right: { key: 'ArrowRight', code: 'ArrowRight', keyCode: 39 },
  Down: { key: 'ArrowDown', code: 'ArrowDown', keyCode: 40 },
  space: { key: ' ', code: 'Space', keyCode: 32, text: ' ' },
  Caps_Lock: { key: 'CapsLock', code: 'CapsLock', keyCode: 20 },
  Num_Lock: { key: 'NumLock', code: 'NumLock', keyCode: 144 },
  Scroll_Lock: { key: 'ScrollLock', code: 'ScrollLock', keyCode: 145 },
  Print: { key: 'PrintScreen', code: 'PrintScreen', keyCode: 44 },
  Pause: { key: 'Pause', code: 'Pause', keyCode: 19 },
  Menu: { key: 'ContextMenu', code: 'ContextMenu', keyCode: 93 },
  ...functionKeys,
};

/** Keys of the US layout that are no letters: what they type without and with Shift. */
const symbolKeys: readonly (readonly [string, string, string, number])[] = [
  ['1', '!', 'Digit1', 49],
  ['2', '@', 'Digit2', 50],
  ['3', '#', 'Digit3', 51],
  ['4', '$', 'Digit4', 52],
  ['5', '%', 'Digit5', 53],
  ['6', '^', 'Digit6', 54],
  ['7', '&', 'Digit7', 55],
  ['8', '*', 'Digit8', 56],
  ['9', '(', 'Digit9', 57],
  ['0', ')', 'Digit0', 48],
  ['-', '_', 'Minus', 189],
  ['=', '+', 'Equal', 187],
  ['[', '{', 'BracketLeft', 219],
  [']', '}', 'BracketRight', 221],
  ['\\', '|', 'Backslash', 220],
  [';', ':', 'Semicolon', 186],
  ["'", '"', 'Quote', 222],
  ['`', '~', 'Backquote', 192],
  [',', '<', 'Comma', 188],
  ['.', '>', 'Period', 190],
  ['/', '?', 'Slash', 191],
];

const characters = new Map<string, KeyDefinition>([
  [' ', { key: ' ', code: 'Space', keyCode: 32, text: ' ' }],
  ...symbolKeys.flatMap(([plain, shifted, code, keyCode]): [string, KeyDefinition][] => [
    [plain, { key: plain, code, keyCode, text: plain }],
    [shifted, { key: shifted, code, keyCode, text: shifted }],
  ]),
  ...'abcdefghijklmnopqrstuvwxyz'.split('').flatMap((letter): [string, KeyDefinition][] => {
    const capital = letter.toUpperCase();
    const place = { code: `Key${capital}`, keyCode: capital.charCodeAt(0) };
    return [
      [letter, { key: letter, ...place, text: letter }],
      [capital, { key: capital, ...place, text: capital }],
    ];
  }),
]);

const shiftedOf = new Map(symbolKeys.map(([plain, shifted]) => [plain, shifted]));

/** The key that types this character; undefined where a US keyboard has none. */
export function characterKey(character: string): KeyDefinition | undefined {
  return characters.get(character);
}

/** A key by its name, or the character on it. */
export function keyNamed(name: string): KeyDefinition | undefined {
  if (name === 'minus') return characters.get('-');
  if (name === 'plus') return characters.get('+');
  return Object.hasOwn(namedKeys, name) ? namedKeys[name] : characters.get(name);
}

/** The same key with Shift held. */
export function shiftedKey(key: KeyDefinition): KeyDefinition {
  const shifted = key.text === undefined ? undefined : (shiftedOf.get(key.text) ?? key.text.toUpperCase());
  return shifted === undefined ? key : (characters.get(shifted) ?? key);
}
