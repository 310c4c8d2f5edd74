import { describe, expect, test } from 'bun:test';

import { tryDecodeFirstMessage, tryEncodeFirstMessage } from './first-message.ts';

describe('the first message in a handshake', () => {
  test('arrives as it was, in any script', () => {
    for (const message of ['{"argv":["true"]}', 'ü — 漢字 🖥', '\0\r\n"'])
      expect(tryDecodeFirstMessage(tryEncodeFirstMessage(message) ?? null)).toBe(message);
  });

  test('is one line of printable ASCII', () => {
    expect(tryEncodeFirstMessage('\r\nHost: evil ü\0')).toMatch(/^[!-~]+$/);
  });

  test('is left out where no header would hold it', () => {
    expect(tryEncodeFirstMessage('x'.repeat(8 * 1024))).toBeDefined();
    expect(tryEncodeFirstMessage('x'.repeat(8 * 1024 + 1))).toBeUndefined();
    expect(tryEncodeFirstMessage('ü'.repeat(2 * 1024))).toBeUndefined();
    expect(tryEncodeFirstMessage('\ud800')).toBeUndefined();
  });

  test('is none where the header is none of ours', () => {
    for (const value of [null, '', '%', '%ff']) expect(tryDecodeFirstMessage(value)).toBeUndefined();
  });
});
