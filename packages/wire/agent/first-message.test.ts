import { describe, expect, test } from 'bun:test';

import { tryDecodeFirstMessage, tryEncodeFirstMessage } from './first-message.ts';

describe('the first message in a handshake', () => {
  test('arrives as it was, in any script', () => {
    for (const message of ['{"argv":["true"]}', 'ü — 漢字 🖥', '\0\n"'])
      expect(tryDecodeFirstMessage(tryEncodeFirstMessage(message) ?? null)).toBe(message);
  });

  test('is left out where no header would hold it', () => {
    expect(tryEncodeFirstMessage('x'.repeat(6 * 1024))).toBeDefined();
    expect(tryEncodeFirstMessage('x'.repeat(6 * 1024 + 1))).toBeUndefined();
    expect(tryEncodeFirstMessage('ü'.repeat(4 * 1024))).toBeUndefined();
  });

  test('is none where the header is none of ours', () => {
    for (const value of [null, '', '***', 'a']) expect(tryDecodeFirstMessage(value)).toBeUndefined();
  });
});
