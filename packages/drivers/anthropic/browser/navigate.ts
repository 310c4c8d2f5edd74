import { plainLine } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { sleep } from '@bhatti/base/operation.ts';

import { listAt, numberAt, textAt } from '../../cdp/json.ts';
import { evaluate } from './page-world.ts';
import type { Tab } from './tab.ts';

export interface Landing {
  url: string;
  title: string;
  status?: number;
}

export interface NavigationRules {
  /** Answers false for an address that must not be opened. */
  readonly allowUrl: (url: string) => boolean | Promise<boolean>;
  /** A page that has not loaded by then is shown as far as it has come. */
  readonly loadMs: number;
}

const pollMs = 25;
const commitMs = 5_000; // until a step in the history, which is nothing but local, shows an effect
const maxUrlLength = 8_192;

/** Opens an address, or goes `back`, `forward`, or does `reload`; until the page has loaded. */
export async function navigate(
  tab: Tab,
  target: string,
  rules: NavigationRules,
  signal: AbortSignal,
): Promise<Landing> {
  if (target === 'back' || target === 'forward') await step(tab, target === 'back' ? -1 : 1, signal);
  else if (target === 'reload') await committed(tab, () => tab.session.send('Page.reload'), signal);
  else await open(tab, await mustAllow(target, rules), signal);
  const loaderId = await loaded(tab, rules.loadMs, signal);
  const [url, title] = listAt(await evaluate(tab.session, tab.frameId, '[location.href, document.title]'));
  const status = tab.statusOf(loaderId);
  return {
    url: plainLine(String(url), 2_000),
    title: plainLine(String(title), 500),
    ...(status === undefined ? {} : { status }),
  };
}

/** http and https, and the empty page. */
export function isWebUrl(url: string): boolean {
  return /^https?:\/\//i.test(url) || url === 'about:blank';
}

async function mustAllow(target: string, { allowUrl }: NavigationRules): Promise<string> {
  const trimmed = target.trim();
  const isAbsolute =
    /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ||
    /^(about|data|blob|javascript|mailto|view-source|chrome):/i.test(trimmed);
  const url = isAbsolute ? trimmed : `https://${trimmed}`;
  if (trimmed === '' || url.length > maxUrlLength)
    throw new CodedError('INVALID_ARGUMENT', `an address has 1 to ${maxUrlLength} characters`, { argument: 'url' });
  if (await allowUrl(url)) return url;
  throw new CodedError('FORBIDDEN', `the address "${plainLine(url, 200)}" may not be opened`, { reason: 'url' });
}

async function open(tab: Tab, url: string, signal: AbortSignal): Promise<void> {
  const reply = await tab.session.send('Page.navigate', { url });
  const error = textAt(reply, 'errorText');
  if (error === undefined || error === '') return;
  // A download, or an answer without content, ends the navigation and leaves the page as it is.
  if (error === 'net::ERR_ABORTED') return sleep({ signal }, pollMs);
  throw new CodedError('INVALID_ARGUMENT', `cannot open "${plainLine(url, 200)}": ${plainLine(error, 100)}`, {
    argument: 'url',
  });
}

async function step(tab: Tab, by: -1 | 1, signal: AbortSignal): Promise<void> {
  const history = await tab.session.send('Page.getNavigationHistory');
  const index = (numberAt(history, 'currentIndex') ?? 0) + by;
  const entryId = numberAt(listAt(history, 'entries')[index], 'id');
  if (entryId === undefined)
    throw new CodedError('INVALID_ARGUMENT', `there is no page to go ${by < 0 ? 'back' : 'forward'} to`, {
      argument: 'url',
    });
  await committed(tab, () => tab.session.send('Page.navigateToHistoryEntry', { entryId }), signal);
}

/** Until the navigation that `begin` begins has replaced the page, or moved within it. */
async function committed(tab: Tab, begin: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  let isCommitted = false;
  const stops = ['Page.frameNavigated', 'Page.navigatedWithinDocument'].map((method) =>
    tab.session.on(method, (params) => {
      const frameId = textAt(params, 'frame', 'id') ?? textAt(params, 'frameId');
      if (frameId === tab.frameId) isCommitted = true;
    }),
  );
  try {
    await begin();
    const deadline = performance.now() + commitMs;
    while (!isCommitted && performance.now() < deadline) await sleep({ signal }, pollMs);
  } finally {
    for (const stop of stops) stop();
  }
}

/** Until the document is complete; its loader. */
async function loaded(tab: Tab, loadMs: number, signal: AbortSignal): Promise<string | undefined> {
  const deadline = performance.now() + loadMs;
  for (;;) {
    // The document may be replaced while it is asked, by a redirect of its own; the next one is asked then.
    const state = await evaluate(tab.session, tab.frameId, 'document.readyState').catch(() => 'loading');
    if (state === 'complete' || performance.now() >= deadline) break;
    await sleep({ signal }, pollMs);
  }
  return textAt(await tab.session.send('Page.getFrameTree'), 'frameTree', 'frame', 'loaderId');
}
