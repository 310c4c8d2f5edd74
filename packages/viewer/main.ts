import { createBar } from './bar.ts';
import { ClipboardLink } from './clipboard.ts';
import { createFullscreen } from './fullscreen.ts';
import { Ghost } from './ghost.ts';
import { installHooks } from './hooks.ts';
import { createKeys } from './keys.ts';
import { parsePageOptions, webSocketUrl } from './options.ts';
import { element } from './page.ts';
import { DesktopSession } from './session.ts';
import { createSize } from './size.ts';
import { createSoftKeyboard } from './soft-keyboard.ts';
import { StatusCard } from './status-card.ts';
import { createViewOnly } from './view-only.ts';

const options = parsePageOptions(location.search);
const target = element('desktop', HTMLElement);
const focusDesktop = () => session.rfb?.focus({ preventScroll: true });

const session: DesktopSession = new DesktopSession({
  target,
  url: webSocketUrl(location.href, options.path),
  onState(state) {
    hooks.show(state);
    status.show(state);
    if (state.phase === 'connected') return;
    ghost.lost();
    keys.releaseAll();
  },
  onConnected(rfb) {
    ghost.live();
    viewOnly.apply(rfb);
    size.apply(rfb);
    clipboard.connected();
    // Somebody who is at one of the page's own fields stays there.
    if (document.activeElement === document.body) focusDesktop();
  },
  onClipboard: (text) => clipboard.received(text),
  onName: (name) => (document.title = name),
});

const ghost = new Ghost(target);
const hooks = installHooks(session);
const status = new StatusCard(() => session.retryNow());
const keys = createKeys(session);
const size = createSize(session, options.scale);
const clipboard = new ClipboardLink(session);
const viewOnly = createViewOnly(session, options.viewOnly);
clipboard.attach();
createSoftKeyboard(session);
createFullscreen(focusDesktop);
if (options.bar) createBar({ onLeave: focusDesktop });

window.addEventListener('online', () => session.retryNow());
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) session.retryNow();
});
// A page that goes into the browser's back-and-forward store must not keep a connection that nobody sees.
window.addEventListener('pagehide', () => session.close());
window.addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});

session.open();
