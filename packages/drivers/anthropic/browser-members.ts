import { CodedError } from '@bhatti/base/errors.ts';

import type { CdpConnection } from '../cdp/connection.ts';
import { Browser, type BrowserState } from './browser/browser.ts';
import type { MemberResult } from './browser/member.ts';
import { offByDefault, runMember, type BrowserMemberName } from './browser/members.ts';
import { isWebUrl } from './browser/navigate.ts';
import { isMemberOn, type MemberConfigs } from './member-configs.ts';
import { limitOf, type PictureOptions } from './picture.ts';

export interface BrowserMembersOptions extends PictureOptions {
  /** To the sandbox's Chromium; see `openCdpSocket`. */
  readonly connection: CdpConnection;
  /** Switches members on and off, as the API has it. `file_upload`, `javascript_exec`, `read_console` and `read_network` are off. */
  readonly configs?: MemberConfigs<BrowserMemberName>;
  /** Whether `navigate` may open an address; http, https and about:blank without it. It does not see where pages lead by themselves. */
  readonly allowUrl?: (url: string) => boolean | Promise<boolean>;
  /** How long a page may take to load before it is shown as far as it has come; 20 000 without it. */
  readonly loadMs?: number;
  /** How long the browser may take for an answer; 30 000 without it. */
  readonly timeoutMs?: number;
  /** A directory of the browser's machine where files that may be uploaded lie. Needed for `file_upload`. */
  readonly uploadDir?: string;
  /** A directory of the browser's machine where downloads go; the model is then told their paths. Where the browser puts them without it. */
  readonly downloadDir?: string;
}

export interface BrowserMembers {
  /** Carries out one call. Throws an Error that the model may read. */
  execute(ctx: CallContext, name: BrowserMemberName, input: unknown): Promise<MemberResult>;
  /** The tabs, and what changed since this was last called. */
  browserState(ctx?: CallContext): Promise<BrowserState>;
  /** What the model should read with the next result: dialogs that were dismissed. */
  takeNotices(): string[];
  /** The call failed: tabs that it opened are not reported as opened later. */
  forgetOpened(): void;
  /** Lets go of the browser, which runs on. */
  close(): void;
}

interface CallContext {
  readonly signal?: AbortSignal | null | undefined;
}

/**
 * The members of `browser_toolset_20260801` for the SDK's own class: its `execute` and `browserState` have the shapes of `BetaAbstractBrowserToolset20260801`. Takes over the
 * tabs that the browser has open.
 */
export async function createBrowserMembers(options: BrowserMembersOptions): Promise<BrowserMembers> {
  const isOn = (name: BrowserMemberName) => isMemberOn(name, options.configs, offByDefault);
  if (isOn('file_upload') && options.uploadDir?.startsWith('/') !== true)
    throw new CodedError('INVALID_ARGUMENT', '"uploadDir" must be an absolute path while file_upload is on', {
      argument: 'uploadDir',
    });
  const browser = new Browser({
    connection: options.connection,
    recording: { console: isOn('read_console'), network: isOn('read_network') },
    timeoutMs: options.timeoutMs ?? 30_000,
    downloadDir: options.downloadDir,
  });
  await browser.start();
  const context = {
    browser,
    limit: limitOf(options),
    picture: { format: options.format ?? ('png' as const), quality: options.quality },
    navigation: { allowUrl: options.allowUrl ?? isWebUrl, loadMs: options.loadMs ?? 20_000 },
    uploadDir: options.uploadDir,
  };

  return {
    execute: (ctx, name, input) =>
      runMember(name, input, { ...context, signal: ctx.signal ?? new AbortController().signal }),
    browserState: () => browser.takeState(),
    takeNotices: () => browser.takeNotices(),
    forgetOpened: () => browser.forgetOpened(),
    close: () => browser.close(),
  };
}
