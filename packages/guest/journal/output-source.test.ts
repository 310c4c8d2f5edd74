import { realtimeUs } from '@bhatti/sys/clock.ts';
import { openPipe } from '@bhatti/sys/process/pipe.ts';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { closeSync, mkdtempSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partPath } from './layout.ts';
import { OutputFile } from './output-file.ts';
import type { JournalEntry } from './entry.ts';
import { outputSource } from './output-source.ts';
import { Speakers } from './speakers.ts';

let root = '';
let pipe = { readFd: -1, writeFd: -1 };
let file: OutputFile;
const directory = () => join(root, 'a.service');
const source = () => outputSource(root, 'a.service', 'main', new Speakers(root, 'a.service'));
const texts = (entries: Iterable<JournalEntry>) => Array.from(entries, ({ message }) => message);
const all = (sinceUs = 0) => texts(source().forward(sinceUs));
const newest = (count: number, untilUs = Infinity) => {
  const found: JournalEntry[] = [];
  for (const entry of source().backward(untilUs)) if (found.push(entry) === count) break;
  return texts(found);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bhatti-journal-'));
  pipe = openPipe(0, 0);
  file = new OutputFile(directory(), 'main');
});
afterEach(() => {
  file.close();
  closeSync(pipe.readFd);
  closeSync(pipe.writeFd);
  rmSync(root, { recursive: true, force: true });
});

/** Says something, as a unit would. Pipes hold 64 KiB. */
function say(text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 65_536) {
    writeSync(pipe.writeFd, bytes.subarray(at, at + 65_536));
    while (file.take(pipe.readFd, 1024 * 1024).kind !== 'empty');
  }
}

describe('output of a unit', () => {
  test('is nothing before something was written', () => {
    expect(all()).toEqual([]);
    expect(newest(10)).toEqual([]);
    expect(source().after(source().place()).entries).toEqual([]);
  });

  test('is read in lines, wherever the writes were cut, and either way', () => {
    const text = 'one\ntwo two\n\nfour\r\nfünf  \nsix\0seven\n  \n<3>prio\n<9>none\nlast without end';
    const lines = ['one', 'two two', 'four', 'fünf', 'six', 'seven', '  ', 'prio', '<9>none', 'last without end'];
    for (let size = 1; size <= 7; size += 1) {
      rmSync(root, { recursive: true, force: true });
      file.close();
      file = new OutputFile(directory(), 'main');
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += size) {
        writeSync(pipe.writeFd, bytes.subarray(at, at + size));
        file.take(pipe.readFd, 1024);
      }
      expect(all()).toEqual(lines);
      expect(newest(100)).toEqual(lines.toReversed());
    }
    const [urgent] = [...source().forward(0)].filter(({ message }) => message === 'prio');
    expect(urgent?.priority).toBe(3);
  });

  test('keeps bytes that are no text', () => {
    writeSync(pipe.writeFd, Buffer.from([0x61, 0xff, 0xfe, 0x0a, 0x62, 0x0a]));
    file.take(pipe.readFd, 1024);
    expect(all()).toEqual([new Uint8Array([0x61, 0xff, 0xfe]), 'b']);
  });

  test('has the time at which each line began', () => {
    say('early\n');
    say('middle ');
    const between = nextMicrosecond();
    say('of a line\nlate\n');
    expect(all(between)).toEqual(['late']);
    expect(newest(10, between)).toEqual(['middle of a line', 'early']);
    const times = [...source().forward(0)].map(({ timeUs, monotonicUs }) => timeUs - monotonicUs);
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(1_000_000);
  });

  test('is followed by complete lines', () => {
    say('before\n');
    const place = source().place();
    say('half');
    const first = source().after(place);
    expect(texts(first.entries)).toEqual([]);
    say(' a line\nnext\n');
    const second = source().after(first.place);
    expect(texts(second.entries)).toEqual(['half a line', 'next']);
    expect(source().after(second.place).entries).toEqual([]);
  });

  test('ends its line where the next speaker begins', () => {
    say('no end');
    file.endLine();
    say('another\n');
    file.endLine();
    expect(all()).toEqual(['no end', 'another']);
  });

  test('is rotated at a line’s end, kept three times, and followed across', () => {
    const line = `${'x'.repeat(99)}\n`;
    say('first\n');
    const place = source().place();
    say(line.repeat(90_000));
    say('between\n');
    expect(statSync(partPath(directory(), 'main.log', 1)).size).toBeGreaterThan(8 * 1024 * 1024);
    expect(newest(1)).toEqual(['between']);
    expect(source().after(place).entries.length).toBe(90_001);
    expect(all().length).toBe(90_002);
    say(line.repeat(400_000));
    expect(statSync(partPath(directory(), 'main.log', 4), { throwIfNoEntry: false })).toBeUndefined();
    expect(newest(120_000).length).toBe(120_000);
  });

  test('is read to its end while it is rotated', () => {
    say('1\n2\n');
    file.rotate();
    say('3\n');
    const reading = source().forward(0);
    const found = [reading.next().value?.message];
    file.rotate();
    say('4\n');
    for (const { message } of reading) found.push(message);
    expect(found).toEqual(['1', '2', '3']);
  });

  test('is cut where a line is too long, the same from both ends', () => {
    say(`start\n${'y'.repeat(120_000)}\nend\n${'z'.repeat(49_152)}\n${'w'.repeat(49_153)}\n`);
    const lengths = [5, 49_152, 49_152, 21_696, 3, 49_152, 49_152, 1];
    expect(all().map((text) => text?.length ?? 0)).toEqual(lengths);
    expect(newest(100).map((text) => text?.length ?? 0)).toEqual(lengths.toReversed());
  });

  test('goes on in the file of an earlier process', () => {
    say('one\n');
    file.close();
    file = new OutputFile(directory(), 'main');
    say('two\n');
    expect(all()).toEqual(['one', 'two']);
  });

  test('is whole again after a death between moving bytes and noting when', () => {
    say('one\n');
    const times = partPath(directory(), 'main.times', 0);
    const { size } = statSync(times);
    say('two\n');
    file.close();
    for (const cut of [size, size + 7, 0, 11]) {
      truncateSync(times, cut);
      file = new OutputFile(directory(), 'main');
      file.repair();
      expect(all()).toEqual(['one', 'two']);
      expect((statSync(times).size - size) % 24).toBe(0);
      file.close();
    }
    // Somebody has cut the output itself.
    truncateSync(partPath(directory(), 'main.log', 0), 4);
    file = new OutputFile(directory(), 'main');
    say('three\n');
    expect(all()).toEqual(['one', 'three']);
  });
});

/** A time after all that was written so far and before all that will be. */
function nextMicrosecond(): number {
  const before = realtimeUs() + 1;
  while (realtimeUs() <= before);
  return before;
}
