import { element } from './page.ts';

interface KeyboardLock {
  lock?(): Promise<void>;
  unlock?(): void;
}

/** Full screen, with every key for the desktop where the browser lets the page have them (Alt+Tab, Escape by a long press). */
export function createFullscreen(onChange: () => void): void {
  const button = element('fullscreen', HTMLButtonElement);
  button.hidden = !document.fullscreenEnabled;
  const keyboard = 'keyboard' in navigator ? (navigator.keyboard as KeyboardLock) : undefined; // SAFETY: optional members of a draft standard.
  button.addEventListener('click', () => {
    const change =
      document.fullscreenElement === null ? document.documentElement.requestFullscreen() : document.exitFullscreen();
    change.catch(() => {
      // expected: the browser or the frame around the page does not allow it
    });
  });
  document.addEventListener('fullscreenchange', () => {
    const isOn = document.fullscreenElement !== null;
    button.ariaPressed = String(isOn);
    if (isOn) {
      keyboard?.lock?.().catch(() => {
        // expected: not on plain http
      });
    } else keyboard?.unlock?.();
    onChange();
  });
}
