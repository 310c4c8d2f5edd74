import type {
  A11yStatus,
  Element,
  FindReply,
  FindRequest,
  TreeNode,
  TreeReply,
  TreeRequest,
} from '@bhatti/wire/display/a11y.ts';
import { focusElement, invokeElement, setElementValue } from './act.ts';
import { getName, rootPath } from './atspi.ts';
import { BusConnection, type CallGroup } from './bus/connection.ts';
import { locateElement } from './locate.ts';
import { elementMatcher } from './match.ts';
import { type Program, withoutDepth } from './present.ts';
import { listPrograms } from './programs.ts';
import { readDesktop } from './read-desktop.ts';
import type { ReaderOp, ReaderReplies, ReaderRequests, ReadingContext } from './reader-message.ts';
import { renderTree } from './render.ts';
import { cleanName } from './text.ts';

const defaultTimeoutMs = 1_500; // a program that is busy for as long looks dead to a person, too
const defaultMaxNodes = 1_000;
const defaultMaxDepth = 100;
const defaultLimit = 50;
const maxReads = 20_000; // of a program: elements looked at
const readsPerNode = 5; // elements looked at for one that is shown: browsers wrap each in two or three, and hide many
const statusTimeoutMs = 1_000;

type Ops = {
  readonly [Op in ReaderOp]: (request: ReaderRequests[Op], context: ReadingContext) => Promise<ReaderReplies[Op]>;
};

/** The reading process's work: requests on one connection to the bus, which is made at the first and again when it was lost. */
export class Reader implements AsyncDisposable {
  readonly #busPath: string;
  #connection: Promise<BusConnection> | undefined;

  readonly ops: Ops = {
    tree: (request, context) => this.#tree(request, context),
    find: (request, context) => this.#find(request, context),
    locate: async (request, { screen }) => locateElement(await this.#bus(), request, screen),
    focus: async (request) => focusElement(await this.#bus(), request),
    invoke: async (request) => invokeElement(await this.#bus(), request),
    setValue: async (request) => setElementValue(await this.#bus(), request),
    status: () => this.#status(),
  };

  constructor(busPath: string) {
    this.#busPath = busPath;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    (await this.#connection)?.[Symbol.dispose]();
  }

  #bus(): Promise<BusConnection> {
    this.#connection ??= this.#open();
    return this.#connection;
  }

  async #open(): Promise<BusConnection> {
    const forget = () => {
      this.#connection = undefined;
    };
    try {
      const connection = await BusConnection.open(this.#busPath, () => undefined);
      connection.onClosed = forget;
      return connection;
    } catch (error) {
      forget();
      throw error;
    }
  }

  async #tree(request: TreeRequest, { activePid }: ReadingContext): Promise<TreeReply> {
    const startedAt = performance.now();
    const { scope = 'focused', timeoutMs = defaultTimeoutMs, maxNodes = defaultMaxNodes } = request;
    const { maxDepth = defaultMaxDepth, offscreen = true } = request;
    const wish = {
      scope,
      timeoutMs,
      activePid,
      maxReads: Math.min(maxReads, 1_000 + maxNodes * readsPerNode),
      withOffscreen: offscreen,
    };
    const { programs, unread, isTruncated } = await readDesktop(await this.#bus(), wish);
    const all = programs.flat();
    const nodes: TreeNode[] = [];
    for (const node of all) if (node.depth < maxDepth && nodes.length < maxNodes) nodes.push(node);
    const truncated = isTruncated || nodes.length < all.length;
    const text = renderTree(nodes, unread, truncated);
    return { text, nodes, unread: [...unread], truncated, ms: elapsed(startedAt) };
  }

  async #find(request: FindRequest, { activePid }: ReadingContext): Promise<FindReply> {
    const startedAt = performance.now();
    const { scope = 'all', timeoutMs = defaultTimeoutMs, limit = defaultLimit } = request;
    const fits = elementMatcher(request);
    const wish = { scope, timeoutMs, activePid, maxReads, withOffscreen: true };
    const { programs, unread, isTruncated } = await readDesktop(await this.#bus(), wish);
    const elements: Element[] = [];
    let hasMore = false;
    for (const node of programs.flat()) {
      if (!fits(node)) continue;
      hasMore = elements.length === limit;
      if (hasMore) break;
      elements.push(withoutDepth(node));
    }
    return { elements, unread: [...unread], truncated: isTruncated || hasMore, ms: elapsed(startedAt) };
  }

  async #status(): Promise<A11yStatus> {
    const connection = await this.#bus();
    using group = connection.group(statusTimeoutMs);
    const named = await Promise.all((await listPrograms(connection, group)).map((program) => tryNamed(group, program)));
    return { available: true, programs: named.filter((program) => program !== undefined) };
  }
}

/** Undefined for who says no name: no program, or none that answers. */
async function tryNamed(group: CallGroup, { pid, bus }: Program): Promise<{ pid: number; name: string } | undefined> {
  try {
    return { pid, name: cleanName(await getName(group, { bus, path: rootPath }), 100) };
  } catch {
    return undefined; // expected: it is what is to be found out
  }
}

function elapsed(startedAt: number): number {
  return Math.round((performance.now() - startedAt) * 10) / 10;
}
