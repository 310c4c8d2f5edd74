import type RFB from '@novnc/novnc';
import { element } from './page.ts';
import type { DesktopSession } from './session.ts';

/** Looking without touching: for somebody who watches an operator work. The server enforces the rights of a password; this is a choice of the person. */
export function createViewOnly(session: DesktopSession, asked: boolean): { apply(rfb: RFB): void; end(): void } {
  const button = element('view-only', HTMLButtonElement);
  const mark = element('view-only-mark', HTMLElement);
  let isOn = asked;
  const apply = (rfb: RFB) => {
    rfb.viewOnly = isOn;
  };
  const show = () => {
    button.ariaPressed = String(isOn);
    mark.hidden = !isOn;
  };
  const set = (on: boolean) => {
    isOn = on;
    show();
    if (session.rfb !== undefined) apply(session.rfb);
  };
  button.addEventListener('click', () => set(!isOn));
  show();
  return { apply, end: () => set(false) };
}
