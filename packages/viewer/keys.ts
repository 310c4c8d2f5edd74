import { keysyms } from './keysym.ts';
import { elementsWith } from './page.ts';
import type { DesktopSession } from './session.ts';

type KeyName = 'escape' | 'tab' | 'f4' | 'f11' | 'print' | 'delete' | 'control' | 'alt' | 'shift' | 'super';

/** Codes of the physical keys, for a desktop that reads positions and not symbols. */
const codes: Readonly<Record<KeyName, string>> = {
  escape: 'Escape',
  tab: 'Tab',
  f4: 'F4',
  f11: 'F11',
  print: 'PrintScreen',
  delete: 'Delete',
  control: 'ControlLeft',
  alt: 'AltLeft',
  shift: 'ShiftLeft',
  super: 'MetaLeft',
};

/** Buttons for keys that the browser or the operating system keeps for itself, and modifiers that stay down for touch screens. */
export function createKeys(session: DesktopSession): { releaseAll(): void } {
  const holds = elementsWith('hold', HTMLButtonElement);
  const setHeld = (button: HTMLButtonElement, name: string, held: boolean) => {
    if (!isKeyName(name) || (button.ariaPressed === 'true') === held) return;
    button.ariaPressed = String(held);
    session.rfb?.sendKey(keysyms[name], codes[name], held);
  };
  for (const [button, name] of holds)
    button.addEventListener('click', () => setHeld(button, name, button.ariaPressed !== 'true'));
  for (const [button, name] of elementsWith('press', HTMLButtonElement))
    button.addEventListener('click', () => press(session, [name]));
  for (const [button, names] of elementsWith('combination', HTMLButtonElement))
    button.addEventListener('click', () => press(session, names.split('+')));
  return {
    releaseAll() {
      for (const [button, name] of holds) setHeld(button, name, false);
    },
  };
}

/** All down in order, all up in reverse. */
function press(session: DesktopSession, names: readonly string[]): void {
  const keys = names.filter(isKeyName);
  for (const name of keys) session.rfb?.sendKey(keysyms[name], codes[name], true);
  for (const name of keys.toReversed()) session.rfb?.sendKey(keysyms[name], codes[name], false);
}

function isKeyName(name: string): name is KeyName {
  return Object.hasOwn(codes, name);
}
