import { openPipe } from '@bhatti/sys/process/pipe.ts';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { closeSync, mkdtempSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partPath } from './layout.ts';
import { OutputFile } from './output-file.ts';
import { allLines, endOfOutput, lastLines, linesAfter } from './output-lines.ts';

let root = '';
let pipe = { readFd: -1, writeFd: -1 };
let file: OutputFile;
const place = () => ({ directory: join(root, 'a.service'), stream: 'main' as const });
const texts = (lines: Iterable<{ text: string }>) => Array.from(lines, ({ text }) => text);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bhatti-journal-'));
  pipe = openPipe(0, 0);
  file = new OutputFile(root, 'a.service', 'main');
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
    expect(lastLines({ directory: join(root, 'other'), stream: 'main' }, 10).lines).toEqual([]);
    expect([...allLines(place(), 0)]).toEqual([]);
    expect(linesAfter(place(), endOfOutput(place())).lines).toEqual([]);
  });

  test('is read in lines, wherever the writes were cut', () => {
    const text = 'one\ntwo two\n\nfour\r\nfünf\nlast without end';
    for (let size = 1; size <= 7; size += 1) {
      rmSync(root, { recursive: true, force: true });
      file.close();
      file = new OutputFile(root, 'a.service', 'main');
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += size) {
        writeSync(pipe.writeFd, bytes.subarray(at, at + size));
        file.take(pipe.readFd, 1024);
      }
      expect(texts(allLines(place(), 0))).toEqual(['one', 'two two', '', 'four', 'fünf', 'last without end']);
      expect(texts(lastLines(place(), 2).lines)).toEqual(['fünf', 'last without end']);
    }
  });

  test('has the time at which each line began', () => {
    say('early\n');
    const between = Date.now() * 1_000 + 1_500;
    while (Date.now() * 1_000 < between + 3_000);
    say('late\n');
    const [early, late] = [...allLines(place(), 0)];
    expect((early?.timeUs ?? 0) <= between && (late?.timeUs ?? 0) > between).toBe(true);
    expect(texts(allLines(place(), between))).toEqual(['late']);
  });

  test('is followed by complete lines', () => {
    say('before\n');
    const { cursor } = lastLines(place(), 1);
    say('half');
    const first = linesAfter(place(), cursor);
    expect(texts(first.lines)).toEqual([]);
    say(' a line\nnext\n');
    const second = linesAfter(place(), first.cursor);
    expect(texts(second.lines)).toEqual(['half a line', 'next']);
    expect(texts(linesAfter(place(), second.cursor).lines)).toEqual([]);
  });

  test('is rotated at a line’s end, kept three times, and followed across', () => {
    const line = `${'x'.repeat(99)}\n`;
    say('first\n');
    const { cursor } = lastLines(place(), 1);
    say(line.repeat(90_000));
    say('between\n');
    expect(statSync(partPath(place().directory, 'main.log', 1)).size).toBeGreaterThan(8 * 1024 * 1024);
    expect(texts(lastLines(place(), 1).lines)).toEqual(['between']);
    expect(linesAfter(place(), cursor).lines.length).toBe(90_001);
    expect([...allLines(place(), 0)].length).toBe(90_002);
    say(line.repeat(400_000));
    expect(statSync(partPath(place().directory, 'main.log', 4), { throwIfNoEntry: false })).toBeUndefined();
    expect(lastLines(place(), 120_000).lines.length).toBe(120_000);
  });

  test('is cut where a line is too long', () => {
    say(`${'y'.repeat(120_000)}\nend\n`);
    const lines = texts(allLines(place(), 0));
    expect(lines.map((text) => text.length)).toEqual([49_152, 49_152, 21_696, 3]);
    expect(texts(lastLines(place(), 2).lines).at(-1)).toBe('end');
  });

  test('goes on in the file of an earlier process', () => {
    say('one\n');
    file.close();
    file = new OutputFile(root, 'a.service', 'main');
    say('two\n');
    expect(texts(allLines(place(), 0))).toEqual(['one', 'two']);
  });
});
