import { keysymOfCharacter, keysyms } from './keysym.ts';
import { element } from './page.ts';
import type { DesktopSession } from './session.ts';

/**
 * The on-screen keyboard of phones and tablets. It shows up for a text field only and sends text rather than keys (words at once, corrections, input methods), so an invisible field takes
 * the text and passes it on.
 */
export function createSoftKeyboard(session: DesktopSession): void {
  const field = element('soft-input', HTMLTextAreaElement);
  const button = element('soft-keyboard', HTMLButtonElement);
  button.hidden = !window.matchMedia('(any-pointer: coarse)').matches;
  button.addEventListener('click', () => {
    reset(field);
    field.focus();
  });
  field.addEventListener('beforeinput', (event) => {
    // Text that is still being composed may change; it is sent when it is settled.
    if (event.isComposing || event.inputType === 'insertCompositionText') return;
    if (event.inputType.startsWith('delete')) session.rfb?.sendKey(keysyms.backSpace, 'Backspace');
    else if (event.inputType === 'insertLineBreak') session.rfb?.sendKey(keysyms.return, 'Enter');
    else typeText(session, event.data ?? '');
  });
  field.addEventListener('compositionend', (event) => typeText(session, event.data));
  field.addEventListener('input', (event) => {
    if (!(event instanceof InputEvent && event.isComposing)) reset(field);
  });
}

function typeText(session: DesktopSession, text: string): void {
  for (const character of text) {
    const keysym = keysymOfCharacter(character);
    if (keysym !== undefined) session.rfb?.sendKey(keysym, null);
  }
}

/** Something must stand before the cursor, or there is nothing to delete and Backspace is never reported. */
function reset(field: HTMLTextAreaElement): void {
  field.value = '_';
  field.setSelectionRange(1, 1);
}
