import type RFB from '@novnc/novnc';
import { scaleModes, type ScaleMode } from './options.ts';
import { element } from './page.ts';
import { loadPreference, savePreference } from './preferences.ts';
import type { DesktopSession } from './session.ts';

/** How the desktop meets the window. Scaling is the default: it changes nothing for others who look at the same desktop, resizing does. */
export function createSize(session: DesktopSession, asked: ScaleMode | undefined): { apply(rfb: RFB): void } {
  const radios = Array.from(document.querySelectorAll<HTMLInputElement>('input[name="scale"]'));
  let mode = asked ?? scaleModes.find((known) => known === loadPreference('scale')) ?? 'fit';
  const apply = (rfb: RFB) => {
    rfb.resizeSession = mode === 'remote';
    rfb.scaleViewport = mode === 'fit';
    // A desktop that was resized to a window, or one that is shown pixel for pixel, is scrolled where it is larger.
    rfb.clipViewport = false;
  };
  const select = () => {
    for (const radio of radios) radio.checked = radio.value === mode;
  };
  for (const radio of radios) {
    radio.addEventListener('change', () => {
      mode = scaleModes.find((known) => known === radio.value) ?? mode;
      savePreference('scale', mode);
      if (session.rfb !== undefined) apply(session.rfb);
    });
  }
  document.querySelector('[data-panel="size-panel"]')?.addEventListener('click', () => showSizeNow());
  select();
  return { apply };
}

function showSizeNow(): void {
  const canvas = document.querySelector<HTMLCanvasElement>('#desktop canvas');
  const shown = canvas === null ? '' : `The desktop has ${canvas.width} × ${canvas.height} pixels.`;
  element('size-now', HTMLParagraphElement).textContent = shown;
}
