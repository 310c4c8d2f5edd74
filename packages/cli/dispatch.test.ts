import { describe, expect, test } from 'bun:test';
import { CommanderError } from 'commander';

import { COMMANDS } from './command-table.ts';
import { loadCommand } from './dispatch.ts';
import { nearest } from './nearest.ts';
import { usageError } from './usage.ts';

describe('the table of commands', () => {
  test('names each command once, and each loads and shows a help of its own', async () => {
    const names = COMMANDS.flatMap(({ name, alias }) => (alias === undefined ? [name] : [name, alias]));
    expect(new Set(names).size).toBe(names.length);
    for (const entry of COMMANDS) {
      const { command } = await loadCommand(entry);
      const help = command.helpInformation();
      expect(help).toContain(`Usage: bhatti ${entry.name}`);
      expect(help).toContain('--json');
    }
  });

  test('says what is wrong with a line, in the words of the error table', async () => {
    expect(await failureOf('create', ['--nam', 'x'])).toEqual([
      'unknown option "--nam" of create',
      'did you mean "--name"?',
    ]);
    expect(await failureOf('stop', [])).toEqual(['missing argument NAME of stop', 'see "bhatti stop --help"']);
    expect(await failureOf('publish', ['desk'])).toEqual([
      'publish needs the option "-p, --port <port>"',
      'see "bhatti publish --help"',
    ]);
    expect(await failureOf('list', ['-o'])).toEqual([
      'option "-o, --output <form>" needs a value',
      'see "bhatti list --help"',
    ]);
    expect((await failureOf('stop', ['a', 'b']))[0]).toBe('too many arguments for stop');
  });
});

describe('the nearest command', () => {
  const known = ['list', 'exec', 'destroy', 'publish', 'unpublish', 'image build'];
  test('is found for a typing mistake', () => {
    expect(nearest('lsit', known)).toBe('list');
    expect(nearest('exce', known)).toBe('exec');
    expect(nearest('destory', known)).toBe('destroy');
    expect(nearest('publ', known)).toBe('publish');
    expect(nearest('image bild', known)).toBe('image build');
  });
  test('is none for a word that is like nothing', () => {
    expect(nearest('frobnicate', known)).toBeUndefined();
  });
});

async function failureOf(name: string, args: readonly string[]): Promise<[string, string | undefined]> {
  const entry = COMMANDS.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`no command ${name}`);
  const { command } = await loadCommand(entry);
  try {
    await command.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const coded = usageError(name, error);
    expect(coded.code).toBe('USAGE');
    return [coded.message, coded.hint];
  }
  throw new Error('it was accepted');
}
