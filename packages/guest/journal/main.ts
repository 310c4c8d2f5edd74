import { hasCode } from '@bhatti/base/errors.ts';
import { postUnix } from '@bhatti/sys/http/unix-client.ts';
import { guestUnitReadSocket } from '@bhatti/wire/guest-paths.ts';
import { parseArguments } from '../systemctl/arguments.ts';

const shorts = {
  u: 'unit',
  n: 'lines',
  f: 'follow',
  r: 'reverse',
  o: 'output',
  b: 'boot',
  p: 'priority',
  g: 'grep',
  e: 'pager-end',
  x: 'catalog',
  q: 'quiet',
  a: 'all',
  S: 'since',
  U: 'until',
  t: 'identifier',
  k: 'dmesg',
} as const;
const takesValue = new Set(['unit', 'output', 'priority', 'grep', 'since', 'until', 'identifier', 'lines']);
const hangupPollMs = 250;
const priorities = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** journalctl: asks lohar for the text and prints it as it comes. */
export async function main(args: readonly string[]): Promise<number> {
  const { words, options } = parseArguments(withLineCount(args), shorts, takesValue);
  if ('version' in options) {
    process.stdout.write('systemd 252 (bhatti)\n');
    return 0;
  }
  const request = await requestOf(options);
  if (typeof request === 'string') return fail(request);
  if (words.length > 0) return fail(`Failed to add match '${words[0]}': Invalid argument`);
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  // `journalctl | head`: whoever reads has had enough.
  process.stdout.on('error', () => interrupted.abort());
  if (request['follow'] === true) await watchReader(interrupted);
  try {
    const { grep } = options;
    if (grep !== undefined) {
      const { printMatches } = await import('./grep.ts');
      return await printMatches(request, grep, interrupted.signal);
    }
    const reply = await postUnix(guestUnitReadSocket, '/journal', request, interrupted.signal);
    if (!reply.ok) return fail(await messageOf(reply));
    for await (const chunk of reply.body ?? []) if (!process.stdout.write(chunk)) await drained();
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 0;
    if (hasCode(error, 'CONNECTION_LOST') || hasCode(error, 'FORBIDDEN'))
      return fail(`Failed to read the journal: ${error.message}`);
    throw error;
  }
}

/** A quiet journal writes nothing, and so would never learn that nobody reads. */
async function watchReader(interrupted: AbortController): Promise<void> {
  const { isHungUp } = await import('@bhatti/sys/hangup.ts');
  const stdout = 1;
  setInterval(() => {
    if (isHungUp(stdout)) interrupted.abort();
  }, hangupPollMs).unref();
}

/** `-n` and `--lines` may stand without a number, then it is 10. */
function withLineCount(args: readonly string[]): string[] {
  return args.flatMap((arg, at) => {
    const next = args[at + 1] ?? '';
    const isBare = (arg === '--lines' || /^-[a-z]*n$/.test(arg)) && !/^(\d+|all)$/.test(next);
    return isBare ? [arg.startsWith('--') ? '--lines=10' : `${arg}10`] : [arg];
  });
}

async function requestOf(options: Readonly<Record<string, string>>): Promise<Record<string, unknown> | string> {
  const request: Record<string, unknown> = {
    units: (options['unit'] ?? '')
      .split(',')
      .filter((name) => name !== '')
      .map((name) => (/\.[a-z]+$/.test(name) ? name : `${name}.service`)),
  };
  const lines = options['lines'];
  if (lines !== undefined && lines !== 'all') {
    if (!/^\+?\d+$/.test(lines)) return `Failed to parse lines '${lines}'`;
    request['lines'] = Number(lines);
  } else if ('pager-end' in options && lines === undefined) {
    request['lines'] = 1_000;
  }
  for (const flag of ['follow', 'reverse', 'boot']) if (flag in options) request[flag] = true;
  if (options['output'] !== undefined) request['output'] = options['output'];
  if (options['priority'] !== undefined) {
    const last = options['priority'].split('..').at(-1) ?? '';
    const priority = /^[0-7]$/.test(last) ? Number(last) : priorities.indexOf(last);
    if (priority === -1) return `Unknown log level ${last}`;
    request['priority'] = priority;
  }
  for (const [name, field] of [
    ['since', 'sinceUs'],
    ['until', 'untilUs'],
  ] as const) {
    const text = options[name];
    if (text === undefined) continue;
    const { parseTime } = await import('./since.ts');
    const timeUs = parseTime(text, new Date());
    if (timeUs === undefined) return `Failed to parse timestamp: ${text}`;
    request[field] = timeUs;
  }
  return request;
}

async function messageOf(reply: Response): Promise<string> {
  // SAFETY: the other side is lohar, this same executable as root.
  const { message } = (await reply.json()) as { message?: string };
  return message ?? `HTTP status ${reply.status}`;
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}

function drained(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.once('drain', resolve);
    process.stdout.once('error', () => resolve());
  });
}
