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
import { type ElementHead, maxNameLength, readCache } from './cache-items.ts';
import type { ElementId, RawElement } from './element.ts';
import { isDocumentRole, isPlainRole, isTextRole, isValueRole, roles } from './role-table.ts';
import { hasState } from './state.ts';
import { cleanName, cleanValue } from './text.ts';

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
const maxValueLength = 300;
const maxTerminalLength = 4_000; // a screen of 80 × 50

/** Reads what a program shows, as far as the limits and the group's time go. Throws TIMED_OUT when it does not answer at all, CONNECTION_LOST when the bus is gone, and PROTOCOL_VIOLATION when it is no program with a tree. */
export async function readProgram(group: CallGroup, bus: string, limits: ReadingLimits): Promise<ProgramReading> {
  const root = { bus, path: rootPath };
  const [name, windows, known] = await Promise.all([
    getName(group, root),
    getChildren(group, root),
    readCache(group, bus),
  ]);
  const reader = new ProgramReader(group, bus, limits, known);
  const read = await reader.readWindows(windows.slice(0, maxChildren));
  return { name: cleanName(name, maxNameLength), windows: read, ...reader.outcome };
}

interface Place {
  readonly depth: number;
  /** What is in a document and not in view has been scrolled away; elsewhere it is a menu that is closed. */
  readonly isInDocument: boolean;
}

class ProgramReader {
  readonly #group: CallGroup;
  readonly #bus: string;
  readonly #limits: ReadingLimits;
  readonly #known: ReadonlyMap<string, ElementHead>;
  readonly #seen = new Set<string>([rootPath]);
  #isTruncated = false;
  #isCutOff = false;

  constructor(group: CallGroup, bus: string, limits: ReadingLimits, known: ReadonlyMap<string, ElementHead>) {
    this.#group = group;
    this.#bus = bus;
    this.#limits = limits;
    this.#known = known;
  }

  get outcome(): { isTruncated: boolean; isCutOff: boolean } {
    return { isTruncated: this.#isTruncated, isCutOff: this.#isCutOff };
  }

  async readWindows(paths: readonly string[]): Promise<RawElement[]> {
    let wanted = paths;
    if (this.#limits.onlyActive) {
      const heads = await Promise.all(paths.map((path) => this.#head(path)));
      const active = paths.filter((_, i) => {
        const head = heads[i];
        return head !== undefined && hasState(head.states, 'active');
      });
      if (active.length > 0) wanted = active;
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
    if (isOffscreen && !(await this.#isScrolledAway(path, head, place))) return undefined;
    const isInDocument = place.isInDocument || isDocumentRole(head.role);
    const [bounds, value, children] = await Promise.all([
      // Where something is that cannot be seen is of no use, and to ask is most of the cost of a long page.
      !isOffscreen && this.#needsBounds(head) ? this.#bounds(path, head) : undefined,
      this.#value(path, head),
      this.#children(path, head, { depth: place.depth + 1, isInDocument }),
    ]);
    return { path, role: head.role, name: head.name, states: head.states, bounds, value, isOffscreen, children };
  }

  async #isScrolledAway(path: string, head: ElementHead, place: Place): Promise<boolean> {
    if (!this.#limits.withOffscreen) return false;
    return place.isInDocument || (await this.#bounds(path, head)) !== undefined;
  }

  async #children(path: string, head: ElementHead, place: Place): Promise<RawElement[]> {
    const paths = head.childPaths ?? (await this.#try(getChildren(this.#group, this.#id(path)))) ?? [];
    if (paths.length > maxChildren) this.#isTruncated = true;
    return this.#readAll(paths.slice(0, maxChildren), place);
  }

  async #head(path: string): Promise<ElementHead | undefined> {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const id = this.#id(path);
    const asked = await this.#try(
      Promise.all([
        getName(this.#group, id),
        getRole(this.#group, id),
        getStates(this.#group, id),
        getInterfaces(this.#group, id),
      ]),
    );
    if (asked === undefined) return undefined;
    const [name, role, states, own] = asked;
    return { role, name: cleanName(name, maxNameLength), states, interfaces: own, childPaths: undefined };
  }

  #needsBounds({ role, name, states }: ElementHead): boolean {
    return name !== '' || !isPlainRole(role) || hasState(states, 'focusable');
  }

  async #bounds(path: string, head: ElementHead): Promise<Bounds | undefined> {
    if (!head.interfaces.includes(interfaces.component)) return undefined;
    return this.#try(getBounds(this.#group, this.#id(path)));
  }

  async #value(path: string, { role, interfaces: own }: ElementHead): Promise<string | undefined> {
    if (isValueRole(role) && own.includes(interfaces.value)) {
      const value = await this.#try(getValue(this.#group, this.#id(path)));
      return value === undefined ? undefined : String(Math.round(value * 1000) / 1000);
    }
    if (!isTextRole(role) || !own.includes(interfaces.text)) return undefined;
    const maxLength = role === roles.terminal ? maxTerminalLength : maxValueLength;
    const text = await this.#try(getText(this.#group, this.#id(path), maxLength + 1));
    return text === undefined ? undefined : cleanValue(text, maxLength).trimEnd();
  }

  #id(path: string): ElementId {
    return { bus: this.#bus, path };
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
