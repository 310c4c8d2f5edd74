import { afterEach, beforeEach, expect, test } from 'bun:test';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBoot, formatBoots, listBoots } from './boot-list.ts';
import { bootFinder, noteBoot, readBoots } from './boots.ts';
import { JournalReader } from './read.ts';
import { forgetOldUnits, vacuum } from './vacuum.ts';

const [a, b, c] = ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32)];
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bhatti-journal-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function say(unit: string, seconds: number): void {
  mkdirSync(join(root, unit), { recursive: true });
  const record = { kind: 'message', t: seconds * 1_000_000, m: 1, priority: 6, pid: 1, text: String(seconds) };
  appendFileSync(join(root, unit, 'events.log'), `${JSON.stringify(record)}\n`);
}

test('a boot is noted once, also after a line that a crash has cut', () => {
  expect([noteBoot(root, a), noteBoot(root, a), noteBoot(root, b), noteBoot(root, b)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  truncateSync(join(root, 'boots.log'), 40);
  expect(readBoots(root)).toEqual([]);
  expect(noteBoot(root, c)).toBe(true);
  expect(readBoots(root).map(({ id }) => id)).toEqual([c]);
});

test('entries belong to the boot that had begun last', () => {
  const boots = [a, b, c].map((id, at) => ({ id, timeUs: (at + 1) * 100, monotonicUs: 0 }));
  const find = bootFinder(boots);
  expect([50, 100, 199, 200, 250, 300, 1e9, 150].map(find)).toEqual([a, a, a, b, b, c, c, a]);
  expect(bootFinder([])(5)).toBe('0'.repeat(32));
});

test('boots are listed and found as far as entries of them are left', () => {
  writeFileSync(join(root, 'boots.log'), `${a} 100000000 1\n\n${b} 200000000 1\n\n${c} 300000000 1\n`);
  for (const seconds of [150, 160, 310, 320]) say('x.service', seconds);
  const list = listBoots(new JournalReader(root), readBoots(root));
  expect(formatBoots(list, { isUtc: true, isQuiet: false, isReverse: false, isJson: false })).toBe(
    `IDX BOOT ID                          FIRST ENTRY                 LAST ENTRY
 -1 ${a} Thu 1970-01-01 00:02:30 UTC Thu 1970-01-01 00:02:40 UTC
  0 ${c} Thu 1970-01-01 00:05:10 UTC Thu 1970-01-01 00:05:20 UTC
`,
  );
  const found = (text: string) => findBoot(text, () => list)?.id;
  const boots: [string, string | undefined][] = [
    ['', c],
    ['0', c],
    ['-1', a],
    ['1', a],
    ['+2', c],
    [a, a],
    [`${a}+1`, c],
    ['all', undefined],
  ];
  for (const [text, id] of boots) expect([text, found(text)]).toEqual([text, id]);
  expect(() => found('3')).toThrow('Data from the specified boot (+3) is not available: No such boot ID in journal');
  expect(() => found(b)).toThrow(`Data from the specified boot (${b}) is not available: No such boot ID in journal`);
});

test('vacuuming takes what was rotated away, oldest first; then units that are long silent', () => {
  const file = (unit: string, name: string, seconds: number) => {
    mkdirSync(join(root, unit), { recursive: true });
    writeFileSync(join(root, unit, name), 'x'.repeat(100_000));
    utimesSync(join(root, unit, name), seconds, seconds);
  };
  file('a.service', 'main.log', 50);
  file('a.service', 'main.1.log', 40);
  file('a.service', 'main.1.times', 40);
  file('a.service', 'main.2.log', 10);
  file('b.service', 'syslog.1.log', 20);
  file('b.service', 'syslog.log', 30);
  const names = (deleted: readonly { readonly path: string }[]) =>
    deleted.map(({ path }) => path.slice(root.length + 1));
  expect(names(vacuum(root, { newerThanMs: 15_000 }))).toEqual(['a.service/main.2.log']);
  expect(names(vacuum(root, { maxFiles: 1 }))).toEqual(['b.service/syslog.1.log', 'a.service/main.1.log']);
  expect(names(vacuum(root, { maxBytes: 0 }))).toEqual([]);
  forgetOldUnits(root, 150_000, (unit) => unit === 'b.service');
  expect(new JournalReader(root).units()).toEqual(['b.service']);
});
