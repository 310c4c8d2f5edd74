import { describe, expect, test } from 'bun:test';
import { CodedError } from '@bhatti/base/errors.ts';
import { formatFields } from '../log.ts';
import { hostnameOf } from '../sandbox/boot.ts';
import { errorDocument, execDocument, execReplyDocument } from './compat.ts';
import { onwardPath } from './proxy.ts';

describe('an exec in the original’s words', () => {
  test('is translated, with the original’s time-out', () => {
    expect(execDocument({ cmd: ['a'] })).toEqual({ argv: ['a'], timeoutMs: 300_000 });
    expect(execDocument({ cmd: ['a'], timeout_sec: 0 })).toEqual({ argv: ['a'], timeoutMs: 300_000 });
    expect(execDocument({ cmd: ['a'], timeout_sec: 1.5, detach: true, output_file: '/x' })).toEqual({
      argv: ['a'],
      timeoutMs: 1_500,
      detach: true,
      outputFile: '/x',
    });
    expect(execDocument({ cmd: ['a'], timeout_sec: 1e9 })).toEqual({ argv: ['a'], timeoutMs: 86_400_000 });
  });

  test('stays as it is in ours', () => {
    for (const document of [{ argv: ['a'], env: {} }, null, 'text', []]) expect(execDocument(document)).toBe(document);
  });

  test('is answered in both, and says in text when output was cut', () => {
    const stdoutBase64 = Buffer.from([0x68, 0x69, 0xff]).toString('base64');
    expect(execReplyDocument({ exitCode: 2, stdoutBase64, stderrBase64: '', truncated: true })).toEqual({
      exitCode: 2,
      exit_code: 2,
      stdoutBase64,
      stderrBase64: '',
      truncated: true,
      stdout: 'hi\ufffd',
      stderr: '\n[output truncated]\n',
    });
  });
});

describe('an error document', () => {
  test('says nothing of a defect of ours but where to look', () => {
    const document = errorDocument(new CodedError('INTERNAL', 'internal error: secret path', {}));
    expect(document).toMatchObject({ error: 'internal error', code: 'INTERNAL', message: 'internal error' });
    expect(document.request_id).toMatch(/^req_[0-9a-f]{16}$/);
    expect(JSON.stringify(document)).not.toContain('secret');
  });
});

describe('onwardPath', () => {
  const table = {
    '/sandboxes/a/proxy/80': '/',
    '/sandboxes/a/proxy/80/': '/',
    '/sandboxes/a/proxy/80/x%2Fy?z=1': '/x%2Fy?z=1',
    '/sandboxes/a/proxy/80?z=1': '/?z=1',
  };
  for (const [url, expected] of Object.entries(table))
    test(`of ${url} is ${expected}`, () => {
      // SAFETY: only the URL of the request is looked at.
      expect(onwardPath({ asked: { url } as Parameters<typeof onwardPath>[0]['asked'] })).toBe(expected);
    });
});

describe('hostnameOf', () => {
  test('makes a host name of any sandbox name', () => {
    expect(['desk', 'My_Desk.1', '_x_', '...'].map(hostnameOf)).toEqual(['desk', 'my-desk-1', 'x', 'sandbox']);
  });
});

describe('a log line', () => {
  test('keeps values from outside in their field and on their line', () => {
    expect(formatFields({ path: '/a b', evil: 'x\nlevel=3', n: 1, gone: undefined })).toBe(
      ' path="/a b" evil="x\\nlevel=3" n=1',
    );
  });
});
