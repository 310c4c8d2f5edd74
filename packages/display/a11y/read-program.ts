import { hasCode } from '@bhatti/base/errors.ts';
import type { Bounds } from '@bhatti/wire/display/a11y.ts';
import {
  getBounds,
  getChildren,
  getInterfaces,
  getName,
  getRole,
  getStates,
  getText,
  getValue,
  interfaces,
  rootPath,
} from './atspi.ts';
import type { CallGroup } from './bus/connection.ts';
import type { ElementId, RawElement } from './element.ts';
import { isDocumentRole, isLeafRole, isPlainRole, isTextRole, isValueRole, roles } from './role-table.ts';
import { hasState, type States } from './state.ts';
import { cleanName, cleanValue } from './text.ts';

/*
 * Every element is asked for what it is, and thousands of calls are under way at once: a page of 1000 elements takes 100 ms, 30 µs a call with the bus in between. `Cache.GetItems` would give all of a program in one
 * reply, in 12 ms, but Chromium keeps in it only what it had when it was first asked: of the next page nothing is there, and what is there may be of the last. Calling programs directly, over the socket that each can be
 * asked to open, saves a third, and leaves sockets behind in people's homes.
 */

export interface ReadingLimits {
  /** Elements that are looked at, shown or not. */
  readonly maxReads: number;
  readonly withOffscreen: boolean;
  /** Only windows that are active, where one is. */
  readonly onlyActive: boolean;
}

export interface ProgramReading {
  readonly name: string;
  readonly windows: readonly RawElement[];
  /** There was more than `limits` allow. */
  readonly isTruncated: boolean;
  /** It stopped answering in the middle. */
  readonly isCutOff: boolean;
}

const maxRawDepth = 200; // of elements within each other; pages have 60
const maxChildren = 2_000; // of one element
const maxNameLength = 200;
const maxValueLength = 300;
const maxTerminalLength = 4_000; // a screen of 80 × 50

/** Reads what a program shows, as far as the limits and the group's time go. Throws TIMED_OUT when it does not answer at all, CONNECTION_LOST when the bus is gone, and PROTOCOL_VIOLATION when it is no program with a tree. */
export async function readProgram(group: CallGroup, bus: string, limits: ReadingLimits): Promise<ProgramReading> {
  const root = { bus, path: rootPath };
  const [name, windows] = await Promise.all([getName(group, root), getChildren(group, root)]);
  const reader = new ProgramReader(group, bus, limits);
  const read = await reader.readWindows(windows.slice(0, maxChildren));
  return { name: cleanName(name, maxNameLength), windows: read, ...reader.outcome };
}

interface Place {
  readonly depth: number;
  /** What is in a document and not in view has been scrolled away; elsewhere it is a menu that is closed. */
  readonly isInDocument: boolean;
}

/** What is asked first, since most of what a program has is not to be seen. */
interface Head {
  readonly id: ElementId;
  readonly role: number;
  readonly states: States;
}

class ProgramReader {
  readonly #group: CallGroup;
  readonly #bus: string;
  readonly #limits: ReadingLimits;
  readonly #seen = new Set<string>([rootPath]);
  #isTruncated = false;
  #isCutOff = false;

  constructor(group: CallGroup, bus: string, limits: ReadingLimits) {
    this.#group = group;
    this.#bus = bus;
    this.#limits = limits;
  }

  get outcome(): { isTruncated: boolean; isCutOff: boolean } {
    return { isTruncated: this.#isTruncated, isCutOff: this.#isCutOff };
  }

  async readWindows(paths: readonly string[]): Promise<RawElement[]> {
    let wanted = paths;
    if (this.#limits.onlyActive) {
      const heads = await Promise.all(paths.map((path) => this.#head(path)));
      const active = heads.filter((head) => head !== undefined && hasState(head.states, 'active'));
      if (active.length > 0) wanted = active.flatMap((head) => (head === undefined ? [] : [head.id.path]));
    }
    return this.#readAll(wanted, { depth: 0, isInDocument: false });
  }

  async #readAll(paths: readonly string[], place: Place): Promise<RawElement[]> {
    const read = await Promise.all(paths.map((path) => this.#read(path, place)));
    return read.filter((element) => element !== undefined);
  }

  async #read(path: string, place: Place): Promise<RawElement | undefined> {
    // A tree without loops reaches every element once.
    if (this.#seen.has(path)) return undefined;
    if (place.depth > maxRawDepth || this.#seen.size >= this.#limits.maxReads) {
      this.#isTruncated = true;
      return undefined;
    }
    this.#seen.add(path);
    const head = await this.#head(path);
    if (head === undefined || !hasState(head.states, 'visible')) return undefined;
    const isOffscreen = !hasState(head.states, 'showing');
    if (isOffscreen && !(await this.#isScrolledAway(head, place))) return undefined;
    const isInDocument = place.isInDocument || isDocumentRole(head.role);
    const [{ name, bounds }, value, children] = await Promise.all([
      this.#nameAndBounds(head, isOffscreen),
      this.#value(head),
      this.#children(head, { depth: place.depth + 1, isInDocument }),
    ]);
    return { path, role: head.role, name, states: head.states, bounds, value, isOffscreen, children };
  }

  async #head(path: string): Promise<Head | undefined> {
    const id = { bus: this.#bus, path };
    const asked = await this.#try(Promise.all([getRole(this.#group, id), getStates(this.#group, id)]));
    return asked && { id, role: asked[0], states: asked[1] };
  }

  async #isScrolledAway({ id }: Head, place: Place): Promise<boolean> {
    if (!this.#limits.withOffscreen) return false;
    return place.isInDocument || (await this.#try(getBounds(this.#group, id))) !== undefined;
  }

  /** Where something is that cannot be seen, or is not shown, is of no use. */
  async #nameAndBounds(
    { id, role, states }: Head,
    isOffscreen: boolean,
  ): Promise<{ name: string; bounds: Bounds | undefined }> {
    const needsName = isPlainRole(role) && !hasState(states, 'focusable');
    const [name = '', bounds] = await Promise.all([
      this.#try(getName(this.#group, id)),
      isOffscreen || needsName ? undefined : this.#try(getBounds(this.#group, id)),
    ]);
    const isLate = needsName && name !== '' && !isOffscreen;
    return {
      name: cleanName(name, maxNameLength),
      bounds: isLate ? await this.#try(getBounds(this.#group, id)) : bounds,
    };
  }

  async #children({ id, role }: Head, place: Place): Promise<RawElement[]> {
    if (isLeafRole(role)) return [];
    const paths = (await this.#try(getChildren(this.#group, id))) ?? [];
    if (paths.length > maxChildren) this.#isTruncated = true;
    return this.#readAll(paths.slice(0, maxChildren), place);
  }

  async #value({ id, role }: Head): Promise<string | undefined> {
    if (!isValueRole(role) && !isTextRole(role)) return undefined;
    const own = (await this.#try(getInterfaces(this.#group, id))) ?? [];
    if (isValueRole(role) && own.includes(interfaces.value)) {
      const value = await this.#try(getValue(this.#group, id));
      return value === undefined ? undefined : String(Math.round(value * 1000) / 1000);
    }
    if (!isTextRole(role) || !own.includes(interfaces.text)) return undefined;
    const maxLength = role === roles.terminal ? maxTerminalLength : maxValueLength;
    const text = await this.#try(getText(this.#group, id, maxLength + 1));
    return text === undefined ? undefined : cleanValue(text, maxLength).trimEnd();
  }

  /** What an element does not say, because it is gone meanwhile or its program fell silent, is left out. */
  async #try<T>(asked: Promise<T>): Promise<T | undefined> {
    try {
      return await asked;
    } catch (error) {
      if (hasCode(error, 'TIMED_OUT')) this.#isCutOff = true;
      else if (!hasCode(error, 'PROTOCOL_VIOLATION')) throw error;
      return undefined;
    }
  }
}
