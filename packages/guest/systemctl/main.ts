import { hasCode } from '@bhatti/base/errors.ts';
import { postUnix } from '@bhatti/sys/http/unix-client.ts';
import { guestUnitChangeSocket, guestUnitReadSocket } from '@bhatti/wire/guest-paths.ts';
import { getopt, UsageError, type Parsed } from './getopt.ts';
import { LIST_OPTIONS, SYSTEMCTL_OPTIONS } from './option-table.ts';
import { ARGUMENTS, VERBS } from './verb-table.ts';

export interface Asked {
  readonly verb: string;
  readonly words: readonly string[];
  /** Long names; a flag has the value "". */
  readonly options: Readonly<Record<string, string>>;
}

export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** systemctl: asks lohar, prints what it says. What only some verbs need is loaded for them: scripts call this in loops. */
export async function main(args: readonly string[]): Promise<number> {
  let parsed: Parsed;
  try {
    parsed = getopt('systemctl', args, SYSTEMCTL_OPTIONS);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return fail(error.message);
  }
  const options = optionsOf(parsed);
  const [verb = 'list-units', ...words] = parsed.words;
  return carryOut({ verb, words, options });
}

async function carryOut(asked: Asked): Promise<number> {
  const { verb, words, options } = asked;
  if ('help' in options || 'version' in options || needsCheck(options)) {
    const { checkOptions } = await import('./check-options.ts');
    const answer = checkOptions(asked);
    if (answer !== undefined) return print(answer);
  }
  const rights = VERBS[verb];
  if (rights === undefined) return (await import('./other-verbs.ts')).otherVerb(asked);
  const [least, most] = ARGUMENTS[verb] ?? [0, Infinity];
  if (words.length < least) return fail('Too few arguments.');
  if (words.length > most) return fail('Too many arguments.');
  if ('user' in options || 'global' in options) return fail('Failed to connect to bus: No medium found');
  if (verb === 'link' && words.some((word) => !word.includes('/')))
    return fail(
      `Link argument must contain at least one directory separator.\nIf you intended to link a file in the current directory, try ./${words.find((word) => !word.includes('/'))} instead.`,
    );
  if (verb === 'edit') return (await import('./edit.ts')).edit(asked);
  return print(await ask(await complete(asked)));
}

/** Options whose values must be looked at before anything is done. */
const checked = ['type', 'state', 'lines', 'output', 'signal', 'root', 'image', 'host', 'machine', 'preset-mode'];

function needsCheck(options: Readonly<Record<string, string>>): boolean {
  return checked.some((name) => name in options);
}

function optionsOf(parsed: Parsed): Record<string, string> {
  const options: Record<string, string> = {};
  for (const [name, values] of parsed.options)
    options[name] = LIST_OPTIONS.has(name) ? values.join(',') : (values.at(-1) ?? '');
  if ('failed' in options)
    options['state'] = [options['state'], 'failed'].filter((part) => part !== undefined).join(',');
  return options;
}

/** What lohar cannot know: where a relative path leads, and this program's environment. */
async function complete(asked: Asked): Promise<Asked> {
  const { verb, words } = asked;
  if (verb === 'import-environment') return (await import('./import-environment.ts')).importEnvironment(asked);
  if ((verb !== 'link' && verb !== 'enable') || !words.some((word) => word.includes('/'))) return asked;
  const { resolve } = await import('node:path');
  return { ...asked, words: words.map((word) => (word.includes('/') ? resolve(word) : word)) };
}

/** Sends a verb to lohar, on the socket that it needs. */
export async function ask({ verb, words, options }: Asked, rights = VERBS[verb]): Promise<Printed> {
  // Setting it is a change, looking at it is none.
  const needed = verb === 'log-level' && words.length > 0 ? 'change' : rights;
  try {
    const socket = needed === 'read' ? guestUnitReadSocket : guestUnitChangeSocket;
    const reply = await postUnix(socket, '/units', { verb, units: words, options });
    // SAFETY: the other side is lohar, this same executable as root.
    const answer = (await reply.json()) as Printed & { readonly message?: string };
    return reply.ok ? answer : { stdout: '', stderr: `${answer.message}\n`, exitCode: 1 };
  } catch (error) {
    if (hasCode(error, 'FORBIDDEN')) return (await import('./refusal.ts')).refusal(verb, words);
    if (hasCode(error, 'CONNECTION_LOST'))
      return { stdout: '', stderr: 'Failed to connect to bus: Connection refused\n', exitCode: 1 };
    throw error;
  }
}

export function print({ stdout, stderr, exitCode }: Printed): number {
  if (stdout !== '') process.stdout.write(stdout);
  if (stderr !== '') process.stderr.write(stderr);
  return exitCode;
}

function fail(message: string): number {
  return print({ stdout: '', stderr: `${message}\n`, exitCode: 1 });
}
