import type { PictureLimit } from '../../picture-limit.ts';
import { has, wordOf, type Fields } from '../../fields.ts';
import { thenLoaded } from './after-action.ts';
import type { Browser, TabEntry } from './browser.ts';
import type { Landing, NavigationRules } from './navigate.ts';
import type { Tab } from './tab.ts';
import { viewportOf, type BrowserPicture, type Viewport } from './viewport.ts';

/** What the members of the browser toolset work with. */
export interface MemberContext {
  readonly browser: Browser;
  readonly limit: PictureLimit;
  readonly picture: BrowserPicture;
  readonly navigation: NavigationRules;
  /** Where files that are uploaded must lie, on the browser's machine. */
  readonly uploadDir: string | undefined;
  readonly signal: AbortSignal;
}

export interface PictureResult {
  data: string;
  mediaType: 'image/png' | 'image/jpeg' | 'image/webp';
}

/** In the shapes of the SDK's `BetaAbstractBrowserToolset20260801`. Nothing, of an action that has nothing to say. */
export type MemberResult = PictureResult | Landing | TabEntry | TabEntry[] | string | undefined;

export interface Member<Result extends MemberResult = MemberResult> {
  /** Beside `tab_id`. */
  readonly fields: readonly string[];
  readonly run: (input: Fields, context: MemberContext) => Promise<Result>;
}

const maxIdLength = 100;

/** The tab that the input names, or the active one. */
export function tabOf(input: Fields, { browser }: MemberContext): Promise<Tab> {
  return browser.tab(has(input, 'tab_id') ? wordOf(input, 'tab_id', maxIdLength) : undefined);
}

/** Does something in the tab that may lead to another page. */
export function actIn(
  tab: Tab,
  { navigation: { loadMs }, signal }: MemberContext,
  act: () => Promise<void>,
): Promise<void> {
  return thenLoaded(tab, act, { loadMs, signal });
}

/** What the tab shows, with coordinates in the picture that the model last saw of it. */
export async function viewOf(tab: Tab, { limit }: MemberContext): Promise<Viewport> {
  const viewport = await viewportOf(tab.session, tab.frameId, limit);
  return { ...viewport, picture: tab.seen ?? viewport.picture };
}
