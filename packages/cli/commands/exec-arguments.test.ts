import { describe, expect, test } from 'bun:test';
import { CodedError } from '@bhatti/base/errors.ts';

import { parseExecArguments } from './exec-arguments.ts';

describe('the command line of exec', () => {
  test('takes options before and after the name, and leaves the command alone', () => {
    for (const line of [
      ['--timeout', '5', '--detach', 'desk', '--', 'ls', '--json', '--', '-x'],
      ['desk', '--timeout=5', '--detach', '--', 'ls', '--json', '--', '-x'],
    ])
      expect(parseExecArguments(line)).toMatchObject({
        name: 'desk',
        argv: ['ls', '--json', '--', '-x'],
        timeoutMs: 5_000,
        detach: true,
        json: false,
      });
  });

  test('knows every option', () => {
    const line = '-ti desk --env A=1,B=2 --env C=3 --cwd /tmp --user root --json --url http://h --token k -- id';
    expect(parseExecArguments(line.split(' '))).toEqual({
      name: 'desk',
      argv: ['id'],
      timeoutMs: 0,
      env: { A: '1', B: '2', C: '3' },
      cwd: '/tmp',
      user: 'root',
      tty: true,
      input: 'yes',
      detach: false,
      json: true,
      url: 'http://h',
      token: 'k',
    });
    expect(parseExecArguments(['desk', '-n', '--', 'id']).input).toBe('no');
    expect(parseExecArguments(['desk', '--', 'id']).input).toBe('if redirected');
  });

  test('without "--" answers with the whole corrected line', () => {
    expect(failure(['desk', 'ls', '-la'])).toEqual(['missing "--" before the command', 'bhatti exec desk -- ls -la']);
    expect(failure(['--timeout', '5', 'desk', 'sh', '-c', 'echo "$HOME"'])).toEqual([
      'missing "--" before the command',
      `bhatti exec --timeout 5 desk -- sh -c 'echo "$HOME"'`,
    ]);
    expect(failure(['desk', 'echo', 'a', '--', 'b'])).toEqual([
      'missing "--" before the command',
      'bhatti exec desk -- echo a -- b',
    ]);
  });

  test('names what else is missing or wrong', () => {
    expect(failure([])[0]).toBe('missing the name of the sandbox');
    expect(failure(['desk'])[0]).toBe('missing "--" and the command');
    expect(failure(['desk', '--'])[0]).toBe('missing the command after "--"');
    expect(failure(['--frobnicate', 'desk', '--', 'ls'])[0]).toBe('unknown option "--frobnicate" of exec');
    expect(failure(['desk', '--cwd'])[0]).toBe('option "--cwd" needs a value');
    expect(failure(['--timeout', '86401', 'desk', '--', 'ls'])[0]).toContain('between 0 and 86400');
    expect(failure(['--timeout', 'soon', 'desk', '--', 'ls'])[0]).toContain('it must be a number');
  });
});

function failure(args: readonly string[]): [message: string, hint: string | undefined] {
  try {
    parseExecArguments(args);
  } catch (error) {
    if (error instanceof CodedError) return [error.message, error.hint];
    throw error;
  }
  throw new Error('it was accepted');
}
