import { element, elementsWith } from './page.ts';

const lingerMs = 1_500; // long enough to come back to a bar that the pointer slipped off

export interface BarOptions {
  /** Gives the keyboard back to the desktop. */
  readonly onLeave: () => void;
}

/** The control bar at the left edge: a handle that opens it, and panels that its buttons open. It hides itself when the pointer goes elsewhere; `close` does at once. */
export function createBar(options: BarOptions): { close(): void } {
  const bar = element('bar', HTMLElement);
  const handle = element('handle', HTMLButtonElement);
  const buttons = elementsWith('panel', HTMLButtonElement).map(([button, panel]) => ({
    button,
    panel: element(panel, HTMLElement),
  }));
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isOpen = () => handle.getAttribute('aria-expanded') === 'true';
  const hasPanel = () => buttons.some(({ panel }) => !panel.hidden);
  const showPanel = (wanted: HTMLElement | undefined) => {
    for (const { button, panel } of buttons) {
      panel.hidden = panel !== wanted;
      button.setAttribute('aria-expanded', String(panel === wanted));
    }
    wanted?.querySelector<HTMLElement>('textarea, input:checked, button')?.focus();
  };
  const setOpen = (open: boolean) => {
    clearTimeout(timer);
    handle.setAttribute('aria-expanded', String(open));
    if (!open) showPanel(undefined);
  };
  const leave = () => {
    setOpen(false);
    options.onLeave();
  };

  bar.hidden = false;
  handle.addEventListener('click', () => {
    setOpen(true);
    firstButton().focus();
  });
  handle.addEventListener('pointerenter', (event) => {
    if (event.pointerType === 'mouse' && event.buttons === 0) setOpen(true);
  });
  for (const { button, panel } of buttons)
    button.addEventListener('click', () => showPanel(panel.hidden ? panel : undefined));
  bar.addEventListener('pointerenter', () => clearTimeout(timer));
  bar.addEventListener('pointerleave', () => {
    // Somebody who is writing into a panel, or who went there by keyboard, has not left.
    if (!hasPanel() && !bar.contains(document.activeElement)) timer = setTimeout(() => setOpen(false), lingerMs);
  });
  bar.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') leave();
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') moveFocus(event);
  });
  // A press on the desktop itself means that the bar is done with.
  element('desktop', HTMLElement).addEventListener('pointerdown', () => setOpen(false), { capture: true });
  onShortcut(() => {
    if (isOpen()) return leave();
    setOpen(true);
    firstButton().focus();
  });
  return { close: () => setOpen(false) };
}

function firstButton(): HTMLElement {
  return toolButtons()[0] ?? element('handle', HTMLButtonElement);
}

function toolButtons(): HTMLElement[] {
  return Array.from(element('tools', HTMLElement).querySelectorAll<HTMLElement>('button:not([hidden])'));
}

function moveFocus(event: KeyboardEvent): void {
  const buttons = toolButtons();
  const at = buttons.indexOf(document.activeElement as HTMLElement); // SAFETY: indexOf only compares.
  if (at < 0) return;
  event.preventDefault();
  buttons[(at + (event.key === 'ArrowDown' ? 1 : -1) + buttons.length) % buttons.length]?.focus();
}

/**
 * Ctrl+Alt+Shift alone, pressed and let go, in any order: the desktop takes every other key, so this is the way out for those without a pointer. It acts when all
 * three are up again, so that the desktop has seen them go up as well.
 */
function onShortcut(act: () => void): void {
  const three = new Set(['Control', 'Alt', 'Shift']);
  const seen = new Set<string>();
  let isSpoilt = false;
  const listen = (event: KeyboardEvent) => {
    if (!three.has(event.key) && !(event.type === 'keyup' && event.key === 'Meta')) isSpoilt = true;
    if (event.type === 'keydown') seen.add(event.key);
    if (event.ctrlKey || event.altKey || event.shiftKey || event.metaKey) return;
    if (!isSpoilt && [...three].every((key) => seen.has(key) || (key === 'Alt' && seen.has('Meta')))) act();
    seen.clear();
    isSpoilt = false;
  };
  window.addEventListener('keydown', listen, { capture: true });
  window.addEventListener('keyup', listen, { capture: true });
  window.addEventListener('blur', () => {
    seen.clear();
    isSpoilt = false;
  });
}
