import { imageCalls } from '@bhatti/client/image.ts';
import { sandboxCalls } from '@bhatti/client/sandbox.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import type { Command } from 'commander';

import { COMMANDS } from './command-table.ts';
import { connectTo, wholeProcess } from './connection.ts';
import { loadCommand } from './dispatch.ts';
import { printLine } from './output.ts';

/** `bhatti __complete WORD…`: what the last word, begun or empty, may become; one candidate a line. */
export async function complete(words: readonly string[]): Promise<number> {
  const begun = words.at(-1) ?? '';
  const fitting = (await candidates(words.slice(0, -1), begun)).filter((candidate) => candidate.startsWith(begun));
  if (fitting.length > 0) await printLine(fitting.join('\n'));
  return 0;
}

async function candidates(before: readonly string[], begun: string): Promise<readonly string[]> {
  const [first, second] = before;
  if (first === undefined) return commandWords();
  const members = COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
  if (members.length > 0 && second === undefined) return members.map(({ name }) => name.split(' ')[1] ?? '');
  const entry = COMMANDS.find(({ name, alias }) => name === first || alias === first || name === `${first} ${second}`);
  // Behind "--" the words belong to the command in the sandbox.
  if (entry === undefined || before.includes('--')) return [];
  const { command } = await loadCommand(entry);
  if (begun.startsWith('-')) return optionNames(command);
  const own = before.slice(entry.name.split(' ').length);
  const last = own.at(-1) ?? '';
  if (last === '--image') return remoteNames('images');
  if (takesValue(command, last)) return [];
  const position = own.filter((word, at) => !word.startsWith('-') && !takesValue(command, own[at - 1] ?? '')).length;
  return position === 0 ? firstArguments(entry.name) : [];
}

function commandWords(): string[] {
  return [...new Set(COMMANDS.map(({ name }) => name.split(' ', 1)[0] ?? ''))];
}

function optionNames(command: Command): string[] {
  return command.options.flatMap(({ long }) => (long === undefined || long === null ? [] : [long]));
}

function takesValue(command: Command, option: string): boolean {
  return command.options.some(({ long, short, required }) => required && (long === option || short === option));
}

async function firstArguments(name: string): Promise<readonly string[]> {
  if (name === 'completion') return ['bash', 'zsh', 'fish'];
  if (name === 'image build') return ['minimal', 'computer'];
  if (name === 'image delete') return remoteNames('images');
  if (/^(create|list|update|doctor|version|serve|image list|user .*)$/.test(name)) return [];
  return remoteNames('sandboxes');
}

async function remoteNames(of: 'sandboxes' | 'images'): Promise<readonly string[]> {
  try {
    const api = await connectTo({ json: false });
    const list =
      of === 'images' ? await imageCalls(api).list(wholeProcess) : await sandboxCalls(api).list(wholeProcess);
    return list.map(({ name }) => name);
  } catch (error) {
    if (error instanceof CodedError) return []; // Tab is no place for an error message
    throw error;
  }
}
