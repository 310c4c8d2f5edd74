import { CodedError } from '@bhatti/base/errors.ts';
import { describe, expect, test } from 'bun:test';
import { parseScreenshotArgs } from './screenshot-args.ts';

function codeOf(args: string[]): string | undefined {
  try {
    parseScreenshotArgs(args);
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  return undefined;
}

describe('arguments of screenshot', () => {
  test('none means /tmp/screen.png', () => {
    expect(parseScreenshotArgs([])).toEqual({
      to: { kind: 'file', path: '/tmp/screen.png' },
      format: 'png',
      quality: undefined,
      cursor: false,
    });
  });

  test.each([
    ['/tmp/a.png', 'png'],
    ['/tmp/a.JPG', 'jpeg'],
    ['a.jpeg', 'jpeg'],
    ['a.webp', 'webp'],
    ['/tmp/dir.jpg/a', 'png'],
    ['/tmp/.hidden', 'png'],
  ])('the type follows the path %p', (path, format) => {
    expect(parseScreenshotArgs([path])).toMatchObject({ to: { kind: 'file', path }, format });
  });

  test('--format wins over the path and names the default one', () => {
    expect(parseScreenshotArgs(['a.png', '--format', 'webp'])).toMatchObject({ format: 'webp' });
    expect(parseScreenshotArgs(['--format=jpg'])).toMatchObject({ to: { path: '/tmp/screen.jpg' }, format: 'jpeg' });
  });

  test('--base64 stands anywhere and takes a format and a quality', () => {
    const wanted = { to: { kind: 'base64' }, format: 'jpeg', quality: 60 } as const;
    expect(parseScreenshotArgs(['--base64', '--format', 'jpg', '--quality', '60'])).toMatchObject(wanted);
    expect(parseScreenshotArgs(['--quality=60', '--format=jpeg', '--base64', '-'])).toMatchObject(wanted);
  });

  test('a dash is stdout', () => {
    expect(parseScreenshotArgs(['-', '--format', 'webp'])).toMatchObject({ to: { kind: 'bytes' }, format: 'webp' });
  });

  test.each([
    [['--base64', 'a.png'], 'USAGE'],
    [['a.png', 'b.png'], 'USAGE'],
    [['--frobnicate'], 'USAGE'],
    [['--format'], 'USAGE'],
    [['--format', 'bmp'], 'INVALID_ARGUMENT'],
    [['a.bmp'], 'INVALID_ARGUMENT'],
    [['--quality', '0'], 'INVALID_ARGUMENT'],
    [['--quality', '101'], 'INVALID_ARGUMENT'],
    [['--quality', '5e1'], 'INVALID_ARGUMENT'],
  ])('%p is refused', (args, code) => {
    expect(codeOf(args)).toBe(code);
  });
});
