import { hasCode } from '@bhatti/base/errors.ts';
import { expectBody, interfaces, readStates } from './atspi.ts';
import type { CallGroup } from './bus/connection.ts';
import { cleanName } from './text.ts';
import type { States } from './state.ts';

/** What is known of an element without having asked it. */
export interface ElementHead {
  readonly role: number;
  readonly name: string;
  readonly states: States;
  readonly interfaces: readonly string[];
  /** In order; undefined when they have to be asked for. */
  readonly childPaths: readonly string[] | undefined;
}

export const maxNameLength = 200;
const maxItems = 50_000; // what the largest pages have; decoding them takes 100 ms
const itemSignature = 'a((so)(so)(so)iiassusau)';

interface Item {
  readonly index: number;
  readonly path: string;
}

/**
 * All elements that a program's bridge keeps, in one reply: a page of 1000 elements in 12 ms, where asking each takes 200. Empty when it keeps none, has another format, or not yet begun; then each element is asked.
 */
export async function readCache(group: CallGroup, bus: string): Promise<Map<string, ElementHead>> {
  const heads = new Map<string, ElementHead>();
  try {
    const call = { destination: bus, path: '/org/a11y/atspi/cache', interface: interfaces.cache, member: 'GetItems' };
    readItems(heads, expectBody(await group.call(call), itemSignature), bus);
  } catch (error) {
    if (!hasCode(error, 'PROTOCOL_VIOLATION')) throw error;
    heads.clear(); // expected: no cache, or not one that we can read
  }
  return heads;
}

function readItems(heads: Map<string, ElementHead>, body: ReturnType<typeof expectBody>, bus: string): void {
  const childrenOf = new Map<string, Item[]>();
  const counts = new Map<string, number>();
  body.array(8, () => {
    body.struct();
    const [itemBus, path] = readReference(body);
    readReference(body); // the program
    const [, parent] = readReference(body);
    const index = body.i32();
    const childCount = body.i32();
    const own: string[] = [];
    body.array(4, () => own.push(body.string()));
    const name = body.string();
    const role = body.u32();
    body.string(); // description
    const states = readStates(body);
    if (itemBus !== bus || heads.size >= maxItems) return;
    heads.set(path, { role, name: cleanName(name, maxNameLength), states, interfaces: own, childPaths: undefined });
    counts.set(path, childCount);
    const siblings = childrenOf.get(parent);
    if (siblings === undefined) childrenOf.set(parent, [{ index, path }]);
    else siblings.push({ index, path });
  });
  for (const [path, head] of heads) {
    const children = childrenOf.get(path) ?? [];
    // Rows of a list that makes them as they are shown, for one, are in no cache.
    if (children.length !== counts.get(path)) continue;
    children.sort((one, other) => one.index - other.index);
    heads.set(path, { ...head, childPaths: children.map((child) => child.path) });
  }
}

function readReference(body: ReturnType<typeof expectBody>): [string, string] {
  body.struct();
  return [body.string(), body.string()];
}
