import { hasCode } from '@bhatti/base/errors.ts';
import { postUnix } from '@bhatti/sys/http/unix-client.ts';
import { guestJournalDir, guestUnitChangeSocket, guestUnitReadSocket } from '@bhatti/wire/guest-paths.ts';
import { parseTimeSpan } from '../unit/time-span.ts';
import type { JournalArguments } from './arguments.ts';
import { readBoots } from './boots.ts';
import { formatBytes } from './printable.ts';
import { QueryError } from './query-error.ts';
import { diskUsage, vacuum, type VacuumLimits } from './vacuum.ts';

const answerMs = 5_000; // a lohar that hangs must not keep anybody from reading what is on disk

const sizes: Readonly<Record<string, number>> = { '': 1, B: 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** What journalctl does beside showing entries. Undefined when it is to show some. */
export async function maintain({
  options,
}: JournalArguments): Promise<{ stdout?: string; stderr?: string } | undefined> {
  const has = (name: string) => options.has(name);
  const isVacuum = has('vacuum-size') || has('vacuum-time') || has('vacuum-files');
  const limits = limitsOf(options);
  if (has('rotate')) await ask('rotate', guestUnitChangeSocket);
  if (has('sync') || has('flush')) await ask('flush', guestUnitReadSocket);
  if (isVacuum) return { stderr: vacuumText(limits) };
  if (has('rotate') || has('sync') || has('flush')) return {};
  if (has('disk-usage'))
    return {
      stdout: `Archived and active journals take up ${formatBytes(diskUsage(guestJournalDir))} in the file system.\n`,
    };
  // Output is bytes as they came, which have no form to be checked against.
  if (has('verify')) return { stderr: `PASS: ${guestJournalDir}\n` };
  if (has('header')) return { stdout: headerText() };
  return undefined;
}

/** Everything that was written so far can be read when it returns. Without a lohar that is so anyway, but for what is still in pipes. */
export async function flushJournal(): Promise<void> {
  try {
    await ask('flush', guestUnitReadSocket);
  } catch {
    // expected: there is no lohar now; what is on disk can be read all the same
  }
}

async function ask(what: 'flush' | 'rotate', socket: string): Promise<void> {
  try {
    const reply = await postUnix(socket, `/journal/${what}`, {}, AbortSignal.timeout(answerMs));
    if (!reply.ok) throw new QueryError(`Failed to ${what} the journal: HTTP status ${reply.status}`);
  } catch (error) {
    if (hasCode(error, 'FORBIDDEN')) throw new QueryError(`Failed to ${what} the journal: Access denied`);
    if (hasCode(error, 'CONNECTION_LOST')) throw new QueryError(`Failed to ${what} the journal: Connection refused`);
    throw error;
  }
}

function limitsOf(options: JournalArguments['options']): VacuumLimits {
  const [size, time, files] = ['size', 'time', 'files'].map((name) => options.get(`vacuum-${name}`)?.at(-1));
  let limits: VacuumLimits = {};
  if (size !== undefined) limits = { ...limits, maxBytes: bytesOf(size) };
  if (time !== undefined) {
    const ms = parseTimeSpan(time);
    if (ms === undefined) throw new QueryError(`Failed to parse vacuum time: ${time}`);
    limits = { ...limits, newerThanMs: Date.now() - ms };
  }
  if (files !== undefined) {
    if (!/^\d+$/.test(files)) throw new QueryError(`Failed to parse vacuum files: ${files}`);
    // None asked for is none: journald's 0 leaves all.
    if (Number(files) > 0) limits = { ...limits, maxFiles: Number(files) };
  }
  return limits;
}

function bytesOf(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([BKMGT]?)$/.exec(text) ?? [];
  if (number === undefined) throw new QueryError(`Failed to parse vacuum size: ${text}`);
  return Math.floor(Number(number) * (sizes[unit ?? ''] ?? 1));
}

function vacuumText(limits: VacuumLimits): string {
  let deleted;
  try {
    deleted = vacuum(guestJournalDir, limits);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw new QueryError(`Failed to vacuum ${guestJournalDir}: Permission denied`);
  }
  const lines = deleted.map(({ path, bytes }) => `Deleted archived journal ${path} (${formatBytes(bytes)}).\n`);
  const freed = deleted.reduce((sum, { bytes }) => sum + bytes, 0);
  return `${lines.join('')}Vacuuming done, freed ${formatBytes(freed)} of archived journals from ${guestJournalDir}.\n`;
}

function headerText(): string {
  const boots = readBoots(guestJournalDir);
  return `File path: ${guestJournalDir}
Boot ID: ${boots.at(-1)?.id ?? ''}
State: ONLINE
Disk usage: ${formatBytes(diskUsage(guestJournalDir))}
`;
}
