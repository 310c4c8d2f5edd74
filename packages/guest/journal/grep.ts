import { postUnix } from '@bhatti/sys/http/unix-client.ts';
import { guestUnitReadSocket } from '@bhatti/wire/guest-paths.ts';
import type { JournalEntry } from './entry.ts';
import { formatEntries, type JournalOutput } from './format.ts';

const outputs: readonly JournalOutput[] = [
  'short',
  'short-iso',
  'short-precise',
  'short-unix',
  'with-unit',
  'cat',
  'json',
];

/**
 * `journalctl -g`: asks for everything and matches here, in the caller's own process. A pattern can take for ever, and lohar must not: everybody may ask it.
 */
export async function printMatches(
  request: Readonly<Record<string, unknown>>,
  pattern: string,
  signal: AbortSignal,
): Promise<number> {
  const matcher = compile(pattern);
  if (matcher === undefined) return fail(`Failed to compile pattern: ${pattern}`);
  const output = outputs.find((known) => known === (request['output'] ?? 'short'));
  if (output === undefined) return fail(`Unknown output '${String(request['output'])}'.`);
  const limit = typeof request['lines'] === 'number' && request['follow'] !== true ? request['lines'] : Infinity;
  const { lines: _lines, ...unlimited } = request;
  const reply = await postUnix(guestUnitReadSocket, '/journal', { ...unlimited, output: 'json' }, signal);
  if (!reply.ok) return fail(await reply.text());

  const isNewestFirst = request['reverse'] === true;
  let kept: JournalEntry[] = [];
  let isAny = false;
  for await (const entry of entriesOf(reply)) {
    if (!matcher.test(entry.message)) continue;
    isAny = true;
    if (limit === Infinity) {
      process.stdout.write(formatEntries([entry], output));
      continue;
    }
    if (isNewestFirst && kept.length >= limit) break;
    kept.push(entry);
    if (!isNewestFirst && kept.length > limit) kept = kept.slice(-limit);
  }
  if (kept.length > 0) process.stdout.write(formatEntries(kept, output));
  if (!isAny) process.stdout.write('-- No entries --\n');
  return isAny ? 0 : 1;
}

/** All lower case ignores case, as journalctl has it. */
function compile(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, pattern === pattern.toLowerCase() ? 'i' : '');
  } catch {
    return undefined; // expected: it is no regular expression
  }
}

async function* entriesOf(reply: Response): AsyncGenerator<JournalEntry> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of reply.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('{')) yield parseEntry(line);
  }
}

/** What `formatEntry` wrote as JSON. */
function parseEntry(line: string): JournalEntry {
  // SAFETY: the other side is lohar, this same executable as root.
  const fields = JSON.parse(line) as Record<string, string>;
  return {
    timeUs: Number(fields['__REALTIME_TIMESTAMP']),
    unit: fields['_SYSTEMD_UNIT'] ?? '',
    pid: Number(fields['_PID']),
    identifier: fields['SYSLOG_IDENTIFIER'] ?? '',
    priority: Number(fields['PRIORITY']),
    message: fields['MESSAGE'] ?? '',
  };
}

function fail(message: string): number {
  process.stderr.write(`${message}\n`);
  return 1;
}
