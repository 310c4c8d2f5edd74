import { CodedError, describe, toCodedError } from '@bhatti/base/errors.ts';
import type {
  A11yStatus,
  ElementDone,
  FindReply,
  FindRequest,
  FocusRequest,
  InvokeRequest,
  LabelledElement,
  LocateReply,
  LocateRequest,
  SetValueRequest,
  TreeReply,
  TreeRequest,
} from '@bhatti/wire/display/a11y.ts';
import { type ReaderCommand, ReaderProcess } from './reader-process.ts';
import type { ReaderOp, ReaderReplies, ReaderRequests, ReadingContext } from './reader-message.ts';
import { withoutDepth } from './present.ts';
import { isInteractiveRole } from './role-table.ts';

export interface A11yTreeOptions {
  /** Starts the reading process. */
  readonly command: ReaderCommand;
  readonly context: () => Promise<ReadingContext>;
}

const restAfterMs = 60_000; // an agent that reads the tree again within a minute finds the process still there
const graceMs = 3_000; // beyond what programs get: for starting, and for looking through what they said
const longestProgramMs = 5_000; // where a request says nothing

/**
 * The desktop as text. Reading happens in a process that is there while it is used, and what goes wrong with it is an error of one request: A11Y_UNAVAILABLE when there is no bus or the program is not on it, ELEMENT_GONE
 * for a ref whose element is no more, TIMED_OUT for a program that does not answer, INVALID_ARGUMENT for what cannot be done to an element.
 */
export class A11yTree implements Disposable {
  readonly #options: A11yTreeOptions;
  #reader: ReaderProcess | undefined;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(options: A11yTreeOptions) {
    this.#options = options;
  }

  tree(request: TreeRequest = {}): Promise<TreeReply> {
    return this.#ask('tree', request);
  }

  find(request: FindRequest): Promise<FindReply> {
    return this.#ask('find', request);
  }

  locate(request: LocateRequest): Promise<LocateReply> {
    return this.#ask('locate', request);
  }

  focus(request: FocusRequest): Promise<ElementDone> {
    return this.#ask('focus', request);
  }

  invoke(request: InvokeRequest): Promise<ElementDone> {
    return this.#ask('invoke', request);
  }

  setValue(request: SetValueRequest): Promise<ElementDone> {
    return this.#ask('setValue', request);
  }

  /** Never throws: that there is no tree is its answer. */
  async status(): Promise<A11yStatus> {
    try {
      return await this.#ask('status', {});
    } catch (error) {
      return { available: false, reason: toCodedError(error).message, programs: [] };
    }
  }

  /** What can be clicked or typed into and is on the screen, numbered from 1: for labels in a screenshot. */
  async labelled(request: Pick<TreeRequest, 'scope' | 'timeoutMs'> = {}): Promise<LabelledElement[]> {
    const { nodes } = await this.tree({ ...request, offscreen: false });
    const usable = nodes.filter(({ role, states, bounds }) => {
      const isUsable = isInteractiveRole(role) && !states.includes('disabled');
      return isUsable && bounds !== undefined && bounds.width > 1 && bounds.height > 1;
    });
    return usable.map((node, i) => ({ ...withoutDepth(node), label: i + 1 }));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#resting);
    this.#reader?.kill();
    this.#reader = undefined;
  }

  async #ask<Op extends ReaderOp>(op: Op, request: ReaderRequests[Op]): Promise<ReaderReplies[Op]> {
    const context = await this.#options.context();
    const reader = this.#current();
    clearTimeout(this.#resting);
    const programMs =
      'timeoutMs' in request && typeof request.timeoutMs === 'number' ? request.timeoutMs : longestProgramMs;
    try {
      return await reader.ask({ op, request, context }, programMs + graceMs);
    } finally {
      this.#restLater();
    }
  }

  #current(): ReaderProcess {
    if (this.#reader === undefined || this.#reader.isOver) this.#reader = this.#start();
    return this.#reader;
  }

  #start(): ReaderProcess {
    try {
      return new ReaderProcess(this.#options.command);
    } catch (error) {
      const message = `cannot read the desktop: the reading process does not start: ${describe(error)}`;
      throw new CodedError('A11Y_UNAVAILABLE', message, { reason: 'reader' }, { cause: error });
    }
  }

  #restLater(): void {
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      if (this.#reader?.isBusy === true) return this.#restLater();
      this.#reader?.close();
      this.#reader = undefined;
    }, restAfterMs);
    this.#resting.unref();
  }
}
