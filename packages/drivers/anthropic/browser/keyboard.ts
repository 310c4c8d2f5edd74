import { CodedError } from '@bhatti/base/errors.ts';
import { abortReason, sleep } from '@bhatti/base/operation.ts';

import type { CdpSession } from '../../cdp/session.ts';
import { knownKeys, splitKeys } from '../../keys.ts';
import { characterKey, keyNamed, modifierBits, shiftBit, shiftedKey, type KeyDefinition } from './key-table.ts';

interface Chord {
  readonly modifiers: readonly KeyDefinition[];
  readonly bits: number;
  /** Keys that are no modifiers; none when the chord is modifiers alone. */
  readonly keys: readonly KeyDefinition[];
}

const maxPipelined = 40; // keys on their way to the browser: a long text neither waits for each nor is a second late to be aborted
const autoRepeatMs = 50; // a keyboard's usual rate

/** Types `text` at the focus: by keys where a keyboard has them, so that the page sees them, and as inserted text where not. */
export async function typeText(session: CdpSession, text: string, signal: AbortSignal): Promise<void> {
  let sent: Promise<unknown>[] = [];
  const arrive = async () => {
    await Promise.all(sent);
    sent = [];
    if (signal.aborted) throw abortReason(signal);
  };
  let inserted = '';
  // Inserted text does not queue with keys. What belongs together, as an emoji of several characters does, goes together.
  const insert = async () => {
    if (inserted === '') return;
    await arrive();
    await session.send('Input.insertText', { text: inserted });
    inserted = '';
  };
  for (const character of text.replaceAll('\r\n', '\n')) {
    const key = typedKey(character);
    if (key === undefined) {
      inserted += character;
      continue;
    }
    await insert();
    sent.push(keyDown(session, key, 0), keyUp(session, key, 0));
    if (sent.length >= 2 * maxPipelined) await arrive();
  }
  await insert();
  await arrive();
}

/** Presses chords one after the other: `ctrl+a`, `BackSpace BackSpace`. */
export async function pressKeys(session: CdpSession, text: string, times: number, signal: AbortSignal): Promise<void> {
  const chords = text
    .split(/\s+/)
    .filter((word) => word !== '')
    .map(chordOf);
  for (let i = 0; i < times; i++)
    for (const chord of chords) {
      if (signal.aborted) throw abortReason(signal);
      await chordDown(session, chord);
      await chordUp(session, chord);
    }
}

/** Holds a chord down, with the repetition that a keyboard has. It is let go whatever happens. */
export async function holdKeys(session: CdpSession, text: string, ms: number, signal: AbortSignal): Promise<void> {
  const chord = chordOf(text);
  const until = performance.now() + ms;
  await chordDown(session, chord);
  try {
    for (let left = ms; left > 0; left = until - performance.now()) {
      await sleep({ signal }, Math.min(left, autoRepeatMs));
      const last = chord.keys.at(-1);
      if (last !== undefined && until > performance.now()) await keyDown(session, last, chord.bits, 'again');
    }
  } finally {
    await chordUp(session, chord);
  }
}

/** Throws INVALID_ARGUMENT for a key that there is not. */
export function chordOf(text: string): Chord {
  const modifiers: KeyDefinition[] = [];
  const keys: KeyDefinition[] = [];
  let bits = 0;
  for (const name of knownKeys(splitKeys(text))) {
    const key = keyNamed(name);
    if (key === undefined)
      throw new CodedError('INVALID_ARGUMENT', `there is no key called "${name}"`, { argument: 'text', value: name });
    const bit = modifierBits.get(name);
    if (bit === undefined) keys.push(key);
    else {
      bits |= bit;
      modifiers.push(key);
    }
  }
  return { modifiers, bits, keys: keys.map((key) => ((bits & shiftBit) === 0 ? key : shiftedKey(key))) };
}

function typedKey(character: string): KeyDefinition | undefined {
  if (character === '\n' || character === '\r') return keyNamed('Return');
  return character === '\t' ? keyNamed('Tab') : characterKey(character);
}

async function chordDown(session: CdpSession, { modifiers, keys, bits }: Chord): Promise<void> {
  for (const key of modifiers) await keyDown(session, key, bits);
  for (const key of keys) await keyDown(session, key, bits);
}

async function chordUp(session: CdpSession, { modifiers, keys, bits }: Chord): Promise<void> {
  for (const key of keys.toReversed()) await keyUp(session, key, bits);
  for (const key of modifiers.toReversed()) await keyUp(session, key, 0);
}

function keyDown(session: CdpSession, { text, ...key }: KeyDefinition, bits: number, repeat?: 'again') {
  // With Ctrl, Alt or Super a key is a command, and types nothing.
  const typed = (bits & ~shiftBit) === 0 ? text : undefined;
  return session.send('Input.dispatchKeyEvent', {
    type: typed === undefined ? 'rawKeyDown' : 'keyDown',
    modifiers: bits,
    key: key.key,
    code: key.code,
    windowsVirtualKeyCode: key.keyCode,
    ...(typed === undefined ? {} : { text: typed }),
    ...(repeat === undefined ? {} : { autoRepeat: true }),
  });
}

function keyUp(session: CdpSession, key: KeyDefinition, bits: number) {
  return session.send('Input.dispatchKeyEvent', {
    type: 'keyUp',
    modifiers: bits,
    key: key.key,
    code: key.code,
    windowsVirtualKeyCode: key.keyCode,
  });
}
