import { plainLine } from '@bhatti/base/bytes.ts';

import { mustTextAt, numberAt, textAt } from '../../cdp/json.ts';
import type { CdpSession } from '../../cdp/session.ts';
import type { Size } from '@bhatti/wire/display/action.ts';
import type { Pointer } from './mouse.ts';
import { Lines, recordConsole, recordNetwork } from './recorder.ts';
import { Refs } from './refs.ts';

export interface TabRecording {
  readonly console: boolean;
  readonly network: boolean;
}

/** One open page, as the driver holds it. */
export class Tab {
  /** What the model calls it. */
  readonly id: string;
  readonly targetId: string;
  readonly session: CdpSession;
  readonly refs = new Refs();
  readonly pointer: Pointer = { place: { x: 0, y: 0 }, isLeftDown: false };
  readonly consoleLines = new Lines();
  readonly networkLines = new Lines();
  /** How many documents its main frame began to load, and whether the last of them still loads. */
  loads = 0;
  isLoading = false;
  /** Of the last picture that the model got of it. */
  seen: Size | undefined;
  /** Status of the main document that was answered last, by its loader. */
  #status: { readonly loaderId: string; readonly status: number } | undefined;
  #frameId: string | undefined;

  constructor(id: string, targetId: string, session: CdpSession) {
    this.id = id;
    this.targetId = targetId;
    this.session = session;
  }

  /** Switches on what the driver lives by. `onNotice` is told what the model should read of. */
  async start(recording: TabRecording, onNotice: (text: string) => void): Promise<void> {
    const { session } = this;
    session.on('Page.javascriptDialogOpening', (params) => {
      const kind = plainLine(textAt(params, 'type') ?? 'dialog', 20);
      // The page is asked whether it may be left; anything else is a question to a person, and the answer is no.
      const accept = kind === 'beforeunload';
      if (!accept)
        onNotice(
          `The page opened the ${kind} dialog ${JSON.stringify(plainLine(textAt(params, 'message') ?? '', 500))}. It was dismissed.`,
        );
      // That the dialog is gone already is no failure.
      session.send('Page.handleJavaScriptDialog', { accept }).catch(() => {});
    });
    session.on('Page.frameNavigated', (params) => {
      if (textAt(params, 'frame', 'parentId') !== undefined) return;
      this.#frameId = textAt(params, 'frame', 'id');
      this.refs.forgetAll();
    });
    session.on('Page.frameStartedLoading', (params) => {
      if (textAt(params, 'frameId') !== this.frameId) return;
      this.loads++;
      this.isLoading = true;
    });
    session.on('Page.frameStoppedLoading', (params) => {
      if (textAt(params, 'frameId') === this.frameId) this.isLoading = false;
    });
    session.on('Network.responseReceived', (params) => {
      const status = numberAt(params, 'response', 'status');
      if (textAt(params, 'type') === 'Document' && textAt(params, 'frameId') === this.#frameId && status !== undefined)
        this.#status = { loaderId: textAt(params, 'loaderId') ?? '', status };
    });
    if (recording.network) recordNetwork(session, this.networkLines);
    await session.send('Page.enable');
    await session.send('Network.enable');
    if (recording.console) await recordConsole(session, this.consoleLines);
    this.#frameId = mustTextAt(await session.send('Page.getFrameTree'), 'frameTree', 'frame', 'id');
  }

  /** Its main frame. */
  get frameId(): string {
    return this.#frameId ?? this.targetId;
  }

  statusOf(loaderId: string | undefined): number | undefined {
    return loaderId !== undefined && this.#status?.loaderId === loaderId ? this.#status.status : undefined;
  }
}
