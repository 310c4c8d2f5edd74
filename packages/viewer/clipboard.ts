import type { DesktopSession } from './session.ts';
import { element } from './page.ts';
import { keysyms } from './keysym.ts';
import { loadPreference, savePreference } from './preferences.ts';

const maxCharacters = 1_000_000; // beyond this a paste is a file transfer, and the page would stand still for it
const handOverMs = 150; // browsers send the paste event with the key, within one task

/**
 * Text that is cut or copied on either side. Three ways, from the one that always works to the one that needs the browser's leave: the panel; Ctrl+V over the desktop, which brings
 * the text along on any page; and, on a secure page, both clipboards kept the same.
 */
export class ClipboardLink {
  readonly #session: DesktopSession;
  readonly #text = element('clipboard-text', HTMLTextAreaElement);
  readonly #sync = element('clipboard-sync', HTMLInputElement);
  readonly #note = element('clipboard-note', HTMLOutputElement);
  /** What both sides are known to have. */
  #shared = '';
  #pressPasteKey: (() => void) | undefined;

  constructor(session: DesktopSession) {
    this.#session = session;
  }

  attach(): void {
    this.#text.addEventListener('input', () => this.#toDesktop(this.#text.value));
    element('clipboard-copy', HTMLButtonElement).addEventListener('click', () => void this.#copyFromPanel());
    const canSync = window.isSecureContext && 'clipboard' in navigator;
    element('clipboard-sync-row', HTMLElement).hidden = !canSync;
    this.#sync.checked = canSync && loadPreference('clipboard') !== 'off';
    this.#sync.addEventListener('change', () => {
      savePreference('clipboard', this.#sync.checked ? 'on' : 'off');
      void this.#pull('ask');
    });
    window.addEventListener('focus', () => void this.#pull('quietly'));
    window.addEventListener('keydown', (event) => this.#letPasteThrough(event), { capture: true });
    window.addEventListener('paste', (event) => this.#pasted(event));
  }

  /** The desktop has new text. */
  received(text: string): void {
    this.#shared = text;
    this.#text.value = text;
    this.#note.value = '';
    if (!this.#sync.checked || !document.hasFocus()) return;
    navigator.clipboard.writeText(text).catch(() => {
      // expected: Firefox and Safari want a click first; the panel has the text
    });
  }

  /** A new connection does not know what this computer's clipboard holds. */
  connected(): void {
    this.#shared = '';
    void this.#pull('quietly');
  }

  #toDesktop(text: string): void {
    if (text.length > maxCharacters) {
      this.#note.value = 'Too long: put it into a file instead';
      return;
    }
    const rfb = this.#session.rfb;
    if (rfb === undefined || rfb.viewOnly || text === this.#shared) return;
    this.#shared = text;
    if (this.#text.value !== text) this.#text.value = text;
    rfb.clipboardPasteFrom(text);
  }

  /** Reads this computer's clipboard where that is allowed; `quietly` never makes the browser ask. */
  async #pull(how: 'quietly' | 'ask'): Promise<void> {
    if (!this.#sync.checked || (how === 'quietly' && !(await mayRead()))) return;
    try {
      const text = await navigator.clipboard.readText();
      if (text !== '') this.#toDesktop(text);
    } catch {
      // expected: refused, or the page lost the focus meanwhile; pasting and the panel still work
    }
  }

  /**
   * noVNC keeps every key from the browser, Ctrl+V included. Let through, that one makes the browser hand over the text without a question, on plain http too; the key then follows
   * the text to the desktop.
   */
  #letPasteThrough(event: KeyboardEvent): void {
    if (!isDesktop(event.target) || this.#session.rfb === undefined || event.repeat) return;
    const key = pasteKey(event);
    if (key === undefined) return;
    event.stopImmediatePropagation();
    this.#pressPasteKey = () => {
      this.#pressPasteKey = undefined;
      this.#session.rfb?.sendKey(key.keysym, key.code);
    };
    // A browser that hands nothing over must not swallow the key.
    setTimeout(() => this.#pressPasteKey?.(), handOverMs);
  }

  #pasted(event: ClipboardEvent): void {
    if (!isDesktop(event.target)) return;
    event.preventDefault();
    const text = event.clipboardData?.getData('text/plain') ?? '';
    if (text !== '') this.#toDesktop(text);
    this.#pressPasteKey?.();
  }

  async #copyFromPanel(): Promise<void> {
    this.#text.select();
    try {
      await navigator.clipboard.writeText(this.#text.value);
      this.#note.value = 'Copied';
    } catch {
      // On a plain http page there is no clipboard object, and the old way is the only one.
      this.#note.value = document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C to copy';
    }
  }
}

/** The key that pastes, as the desktop shall see it; undefined for every other key. On a layout without Latin letters the key where V would be stands for it. */
function pasteKey(event: KeyboardEvent): { keysym: number; code: string } | undefined {
  if (event.altKey || event.metaKey) return undefined;
  if (event.code === 'Insert' && event.shiftKey && !event.ctrlKey) return { keysym: keysyms.insert, code: 'Insert' };
  const isV = event.key === 'v' || event.key === 'V' || (event.code === 'KeyV' && event.key > '\u007f');
  if (!isV || !event.ctrlKey) return undefined;
  return { keysym: event.shiftKey ? keysyms.upperV : keysyms.lowerV, code: event.code };
}

/** Whether an event is meant for the desktop, and not for a field of the page's own. */
function isDesktop(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.closest('#desktop') !== null);
}

async function mayRead(): Promise<boolean> {
  try {
    // SAFETY: not every browser's list of permissions has this name; those without it throw.
    const permission = await navigator.permissions.query({ name: 'clipboard-read' as PermissionName });
    return permission.state === 'granted';
  } catch {
    return false; // expected: Firefox and Safari, which show a button at every reading
  }
}
