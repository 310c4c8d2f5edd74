import { monotonicUs, realtimeUs } from '@bhatti/sys/clock.ts';
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { journalFileMode } from './layout.ts';
import { countWhere } from './times.ts';

const maxBoots = 1_000; // what is kept of them when the file is shortened: more than the entries of which are left

/** One run of the machine. */
export interface BootRecord {
  readonly id: string;
  /** When it began. */
  readonly timeUs: number;
  readonly monotonicUs: number;
}

/** Notes that this boot has begun. False when that was done before: lohar was started again. */
export function noteBoot(root: string, id: string): boolean {
  const boots = readBoots(root);
  if (boots.at(-1)?.id === id) return false;
  const path = join(root, 'boots.log');
  try {
    mkdirSync(root, { recursive: true, mode: 0o755 });
    if (boots.length >= 2 * maxBoots) {
      writeFileSync(`${path}.new`, boots.slice(-maxBoots).map(formatBoot).join(''), { mode: journalFileMode });
      renameSync(`${path}.new`, path);
    }
    // The newline in front ends what a crash has cut.
    const line = formatBoot({ id, timeUs: realtimeUs(), monotonicUs: monotonicUs() });
    appendFileSync(path, `\n${line}`, { mode: journalFileMode });
  } catch (error) {
    // A full disk costs that this boot looks like the one before.
    console.error(`cannot note the boot: ${error instanceof Error ? error.message : String(error)}`);
  }
  return true;
}

/** All boots that are known, oldest first. */
export function readBoots(root: string): BootRecord[] {
  let text = '';
  try {
    text = readFileSync(join(root, 'boots.log'), 'utf8');
  } catch {
    // expected: nothing was ever noted
  }
  return text.split('\n').flatMap((line) => {
    const [, id, timeUs, since] = /^([0-9a-f]{32}) (\d+) (\d+)$/.exec(line) ?? [];
    return id === undefined ? [] : [{ id, timeUs: Number(timeUs), monotonicUs: Number(since) }];
  });
}

/** The boot that a time lies in. What is older than all of them is the first one's. */
export function bootFinder(boots: readonly BootRecord[]): (timeUs: number) => string {
  let [known, from, until] = [boots[0]?.id ?? '0'.repeat(32), 0, boots[1]?.timeUs ?? Infinity];
  return (timeUs) => {
    if (timeUs >= from && timeUs < until) return known;
    const count = Math.max(
      1,
      countWhere(boots.length, (at) => (boots[at]?.timeUs ?? 0) <= timeUs),
    );
    known = boots[count - 1]?.id ?? known;
    from = count === 1 ? 0 : (boots[count - 1]?.timeUs ?? 0);
    until = boots[count]?.timeUs ?? Infinity;
    return known;
  };
}

function formatBoot({ id, timeUs, monotonicUs: since }: BootRecord): string {
  return `${id} ${timeUs} ${since}\n`;
}
