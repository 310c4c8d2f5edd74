import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';

import { LineSplitter, type Line } from './line-splitter.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textsOf = (lines: readonly Line[]) => lines.map((line) => (line.kind === 'line' ? line.text : line.kind));

describe('lines', () => {
  test('are the same however their bytes come', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat({ max: 9 })), (text, sizes) => {
        const bytes = bytesOf(text);
        const whole = textsOf(new LineSplitter(20).push(bytes));
        const splitter = new LineSplitter(20);
        const seen: string[] = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          seen.push(...textsOf(splitter.push(bytes.subarray(at, at + size))));
          at += size;
        }
        expect(seen).toEqual(whole);
      }),
    );
  });

  test('that are too long are told once, at their end, and the next is heard again', () => {
    const splitter = new LineSplitter(4);
    expect(splitter.push(bytesOf('12345'))).toEqual([]);
    expect(splitter.push(bytesOf('6789'))).toEqual([]);
    expect(textsOf(splitter.push(bytesOf('0\n1234\n12345\nab\n')))).toEqual(['too long', '1234', 'too long', 'ab']);
  });

  test('keep nothing of a chunk whose memory is used again', () => {
    const splitter = new LineSplitter(100);
    const chunk = bytesOf('first');
    splitter.push(chunk);
    chunk.fill(0);
    expect(textsOf(splitter.push(bytesOf('\n')))).toEqual(['first']);
  });
});
