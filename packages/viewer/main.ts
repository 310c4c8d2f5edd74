import { randomHex } from '@bhatti/base/ids.ts';
import { createBar } from './bar.ts';
import { ClipboardLink } from './clipboard.ts';
import { createFullscreen } from './fullscreen.ts';
import { Ghost } from './ghost.ts';
import { installHooks } from './hooks.ts';
import { createKeys } from './keys.ts';
import { LeaseBar } from './lease-bar.ts';
import { LeaseLink } from './lease-link.ts';
import { leaseUrl, parsePageOptions, webSocketUrl, withToken } from './options.ts';
import { element } from './page.ts';
import { DesktopSession } from './session.ts';
import { createSize } from './size.ts';
import { createSoftKeyboard } from './soft-keyboard.ts';
import { StatusCard } from './status-card.ts';
import { createViewOnly } from './view-only.ts';

const options = parsePageOptions(location.search);
// One for both connections, so that the server knows that they are the same person's. New with each loading: a page that was duplicated is another one.
const token = randomHex(16);
const address = webSocketUrl(location.href, options.path);
const target = element('desktop', HTMLElement);
const focusDesktop = () => session.rfb?.focus({ preventScroll: true });

const session: DesktopSession = new DesktopSession({
  target,
  url: withToken(address, token),
  onState(state) {
    hooks.show(state);
    status.show(state);
    if (state.phase === 'connected') return;
    leaseLink.close();
    ghost.lost();
    keys.releaseAll();
  },
  onConnected(rfb) {
    ghost.live();
    viewOnly.apply(rfb);
    size.apply(rfb);
    clipboard.connected();
    leaseLink.open();
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
const leaseBar: LeaseBar = new LeaseBar({
  link: () => leaseLink,
  onAsk() {
    viewOnly.end();
    bar?.close();
    focusDesktop();
  },
  onTurn() {
    if (session.rfb === undefined) return;
    // The desktop took neither while it was somebody else's turn.
    size.apply(session.rfb);
    clipboard.connected();
  },
});
const leaseLink = new LeaseLink(leaseUrl(address, token), (view) => leaseBar.show(view));
clipboard.attach();
createSoftKeyboard(session);
createFullscreen(focusDesktop);
const bar = options.bar ? createBar({ onLeave: focusDesktop }) : undefined;

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
