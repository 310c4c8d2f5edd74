import { plainLine } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';

import type { CdpConnection, CdpEvent, CdpObject } from '../../cdp/connection.ts';
import { listAt, mustTextAt, textAt } from '../../cdp/json.ts';
import { sessionOf, withTimeout } from '../../cdp/session.ts';
import { Downloads, type DownloadChange } from './downloads.ts';
import { Tab, type TabRecording } from './tab.ts';

/** One open tab, as `browser_state` of the API has it. */
export interface TabEntry {
  tab_id: string;
  title: string;
  url: string;
  active?: boolean;
}

export type StateChange = { type: 'tab_opened'; tab_id: string } | DownloadChange;

export interface BrowserState {
  tabs: TabEntry[];
  state_changes?: StateChange[];
}

export interface BrowserSettings {
  readonly connection: CdpConnection;
  readonly recording: TabRecording;
  /** How long the browser may take for an answer. */
  readonly timeoutMs: number;
  /** Where downloads go, on the browser's machine; their paths are then told to the model. */
  readonly downloadDir: string | undefined;
}

const maxTabs = 100; // as the API has it
const maxTextLength = 2_000; // of a title or an address

/** The browser's tabs, which one the model is at, and what happened to them since it was last told. */
export class Browser {
  readonly #settings: BrowserSettings;
  readonly #tabs = new Map<string, { readonly tab: Tab; readonly started: Promise<void> }>();
  readonly #downloads: Downloads;
  readonly #opened = new Set<string>();
  readonly #stop: () => void;
  #notices: string[] = [];
  #active: Tab | undefined;
  /** The one that the browser shows; undefined when it may be another than it was. */
  #front: Tab | undefined;
  #lastId = 0;

  constructor(settings: BrowserSettings) {
    this.#settings = settings;
    this.#downloads = new Downloads({ showsPaths: settings.downloadDir !== undefined });
    this.#stop = settings.connection.onEvent((event) => this.#note(event));
  }

  /** Takes over the tabs that are open. */
  async start(): Promise<void> {
    const { downloadDir } = this.#settings;
    const downloads =
      downloadDir === undefined ? { behavior: 'default' } : { behavior: 'allow', downloadPath: downloadDir };
    await this.send('Browser.setDownloadBehavior', { ...downloads, eventsEnabled: true });
    await this.send('Target.setAutoAttach', {
      autoAttach: true,
      waitForDebuggerOnStart: false,
      flatten: true,
      filter: [{ type: 'page' }],
    });
    await this.#settle();
    this.#active = this.#all()[0];
    this.#opened.clear();
  }

  /** To the browser itself. */
  send(method: string, params: CdpObject = {}): Promise<CdpObject> {
    const { connection, timeoutMs } = this.#settings;
    return withTimeout(connection.send(method, params), timeoutMs, `no answer to ${method}`);
  }

  /** The tab of this id, or the active one, in front. */
  async tab(id?: string): Promise<Tab> {
    await this.#settle();
    const tab = id === undefined ? this.#mustBeActive() : this.#mustGet(id);
    if (this.#front !== tab) {
      await this.send('Target.activateTarget', { targetId: tab.targetId });
      this.#front = tab;
    }
    return tab;
  }

  async open(): Promise<TabEntry> {
    if (this.#tabs.size >= maxTabs)
      throw new CodedError('INVALID_ARGUMENT', `${maxTabs} tabs are open already`, { argument: 'tab_id' });
    const targetId = mustTextAt(await this.send('Target.createTarget', { url: 'about:blank' }), 'targetId');
    await this.#settle();
    const tab = this.#all().find((candidate) => candidate.targetId === targetId);
    if (tab === undefined) throw lost('the new tab was not attached');
    return this.#activate(tab);
  }

  async switchTo(id: string): Promise<TabEntry> {
    await this.#settle();
    return this.#activate(this.#mustGet(id));
  }

  async closeTab(id: string): Promise<void> {
    await this.#settle();
    const tab = this.#mustGet(id);
    await this.send('Target.closeTarget', { targetId: tab.targetId });
    this.#forget(tab);
  }

  async entries(): Promise<TabEntry[]> {
    await this.#settle();
    const infos = new Map(
      listAt(await this.send('Target.getTargets'), 'targetInfos').map((info) => [textAt(info, 'targetId'), info]),
    );
    return this.#all()
      .filter((tab, i) => i < maxTabs || tab === this.#active)
      .slice(-maxTabs)
      .map((tab) => ({
        tab_id: tab.id,
        title: plainLine(textAt(infos.get(tab.targetId), 'title') ?? '', maxTextLength),
        url: plainLine(textAt(infos.get(tab.targetId), 'url') ?? '', maxTextLength),
        ...(tab === this.#active ? { active: true } : {}),
      }));
  }

  /** The tabs, and what changed since this was last called. */
  async takeState(): Promise<BrowserState> {
    const tabs = await this.entries();
    const opened = tabs.filter(({ tab_id }) => this.#opened.has(tab_id));
    this.forgetOpened();
    const changes: StateChange[] = [
      ...opened.map(({ tab_id }) => ({ type: 'tab_opened' as const, tab_id })),
      ...this.#downloads.take(),
    ];
    return { tabs, ...(changes.length === 0 ? {} : { state_changes: changes }) };
  }

  /** The API wants no word later of tabs that a call opened which then failed. */
  forgetOpened(): void {
    this.#opened.clear();
  }

  /** Lines that the model should read, since this was last called. */
  takeNotices(): string[] {
    const notices = this.#notices;
    this.#notices = [];
    return notices;
  }

  /** Lets go of the browser, which runs on. */
  close(): void {
    this.#stop();
    this.#settings.connection.close();
  }

  #note(event: CdpEvent): void {
    const { method, params, sessionId } = event;
    if (sessionId !== undefined) return;
    if (method === 'Target.attachedToTarget') this.#attach(params);
    else if (method === 'Target.detachedFromTarget') this.#detach(textAt(params, 'sessionId'));
    else this.#downloads.note(event);
  }

  #attach(params: CdpObject): void {
    const [sessionId, targetId] = [textAt(params, 'sessionId'), textAt(params, 'targetInfo', 'targetId')];
    const isPage = textAt(params, 'targetInfo', 'type') === 'page';
    if (sessionId === undefined || targetId === undefined || !isPage || this.#tabs.has(sessionId)) return;
    const { connection, timeoutMs, recording } = this.#settings;
    const tab = new Tab(`tab_${++this.#lastId}`, targetId, sessionOf(connection, sessionId, timeoutMs));
    const started = tab
      .start(recording, (notice) => void this.#notices.push(notice))
      .catch(() => {
        // It closed before it was there; that it is detached says so.
      });
    this.#tabs.set(sessionId, { tab, started });
    this.#opened.add(tab.id);
    // A browser shows a new tab before the one that opened it.
    this.#front = undefined;
  }

  #detach(sessionId: string | undefined): void {
    const held = sessionId === undefined ? undefined : this.#tabs.get(sessionId);
    if (held !== undefined) this.#forget(held.tab);
  }

  #forget(tab: Tab): void {
    this.#tabs.delete(tab.session.id);
    this.#opened.delete(tab.id);
    if (this.#front === tab) this.#front = undefined;
    if (this.#active === tab) this.#active = this.#all().at(-1);
  }

  async #activate(tab: Tab): Promise<TabEntry> {
    this.#active = tab;
    await this.tab(tab.id);
    const entry = (await this.entries()).find(({ tab_id }) => tab_id === tab.id);
    if (entry === undefined) throw lost(`tab "${tab.id}" closed`);
    return entry;
  }

  /** Until all tabs that are known have begun. */
  async #settle(): Promise<void> {
    await Promise.all([...this.#tabs.values()].map(({ started }) => started));
  }

  #all(): Tab[] {
    return [...this.#tabs.values()].map(({ tab }) => tab);
  }

  #mustGet(id: string): Tab {
    const tab = this.#all().find((candidate) => candidate.id === id);
    if (tab !== undefined) return tab;
    const open = this.#all()
      .map((candidate) => candidate.id)
      .join(', ');
    throw new CodedError('INVALID_ARGUMENT', `there is no tab "${plainLine(id, 60)}"; open are: ${open || 'none'}`, {
      argument: 'tab_id',
      value: id,
    });
  }

  #mustBeActive(): Tab {
    if (this.#active !== undefined) return this.#active;
    throw new CodedError(
      'INVALID_ARGUMENT',
      'no tab is open',
      { argument: 'tab_id' },
      { hint: 'open one with new_tab' },
    );
  }
}

function lost(what: string): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', what, { argument: 'tab_id' });
}
