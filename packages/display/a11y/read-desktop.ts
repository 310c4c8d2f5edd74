import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import type { Scope, TreeNode, Unread } from '@bhatti/wire/display/a11y.ts';
import type { BusConnection } from './bus/connection.ts';
import { presentProgram, type Program } from './present.ts';
import { listPrograms, processName } from './programs.ts';
import { type ProgramReading, readProgram } from './read-program.ts';

export interface DesktopReading {
  /** Of each program by itself, the one that has the keyboard first. */
  readonly programs: readonly (readonly TreeNode[])[];
  readonly unread: readonly Unread[];
  readonly isTruncated: boolean;
}

export interface ReadingWish {
  readonly scope: Scope;
  /** Whose window has the keyboard, as far as the window manager says it. */
  readonly activePid: number | undefined;
  readonly maxReads: number;
  readonly withOffscreen: boolean;
  readonly timeoutMs: number;
}

type Outcome =
  | { readonly kind: 'read'; readonly program: Program; readonly reading: ProgramReading }
  | { readonly kind: 'silent'; readonly program: Program }
  | { readonly kind: 'none' };

/** Reads programs at the same time, each with its own deadline: one that does not answer is named, and keeps nobody else waiting for longer. */
export async function readDesktop(connection: BusConnection, wish: ReadingWish): Promise<DesktopReading> {
  const wanted = await chooseProgram(connection, wish);
  const outcomes = await Promise.all(wanted.programs.map((program) => readOne(connection, program, wish)));
  const unread: Unread[] = [];
  const programs: { readonly nodes: readonly TreeNode[]; readonly isActive: boolean }[] = [];
  let isTruncated = false;
  for (const outcome of outcomes) {
    if (outcome.kind === 'none') continue;
    const { program } = outcome;
    if (outcome.kind === 'silent') {
      const reason = `it did not answer within ${wish.timeoutMs} ms`;
      unread.push({ pid: program.pid, name: processName(program.pid), reason });
      continue;
    }
    const { reading } = outcome;
    isTruncated ||= reading.isTruncated;
    if (reading.isCutOff) {
      const reason = `it stopped answering after ${wish.timeoutMs} ms; what it said until then is shown`;
      unread.push({ pid: program.pid, name: reading.name || processName(program.pid), reason });
    }
    const nodes = presentProgram(program, reading);
    // Much of a desktop has no window.
    if (nodes.length === 1 && typeof wish.scope === 'string' && !reading.isCutOff) continue;
    const isActive = nodes.some(({ role, states }) => role !== 'application' && states.includes('active'));
    programs.push({ nodes, isActive });
  }
  const needsActive = wish.scope === 'focused' && !wanted.isChosen && programs.some(({ isActive }) => isActive);
  const shown = needsActive ? programs.filter(({ isActive }) => isActive) : programs;
  shown.sort((one, other) => Number(other.isActive) - Number(one.isActive));
  return { programs: shown.map(({ nodes }) => nodes), unread, isTruncated };
}

async function chooseProgram(
  connection: BusConnection,
  { scope, activePid, timeoutMs }: ReadingWish,
): Promise<{ programs: Program[]; isChosen: boolean }> {
  using group = connection.group(timeoutMs);
  const all = await listPrograms(connection, group);
  if (scope === 'all') return { programs: all, isChosen: true };
  const pid = scope === 'focused' ? activePid : scope.pid;
  const programs = all.filter((program) => program.pid === pid);
  if (programs.length > 0) return { programs, isChosen: true };
  // Without a window manager nobody knows who has the keyboard, but the programs.
  if (scope === 'focused' && activePid === undefined) return { programs: all, isChosen: false };
  const name = pid === undefined ? '' : processName(pid);
  const message = `cannot read process ${pid}${name === '' ? '' : ` (${name})`}: it is not on the accessibility bus`;
  throw new CodedError(
    'A11Y_UNAVAILABLE',
    message,
    { reason: 'program' },
    {
      hint: 'programs join the bus when they start; restart it, or use a screenshot',
    },
  );
}

async function readOne(connection: BusConnection, program: Program, wish: ReadingWish): Promise<Outcome> {
  using group = connection.group(wish.timeoutMs);
  const { maxReads, withOffscreen, scope } = wish;
  try {
    const limits = { maxReads, withOffscreen, onlyActive: scope === 'focused' };
    return { kind: 'read', program, reading: await readProgram(group, program.bus, limits) };
  } catch (error) {
    if (hasCode(error, 'TIMED_OUT')) return { kind: 'silent', program };
    // Not every connection is a program with windows.
    if (hasCode(error, 'PROTOCOL_VIOLATION')) return { kind: 'none' };
    throw error;
  }
}
