import { getopt, lastValue, UsageError, type OptionTable, type Parsed } from '../systemctl/getopt.ts';
import { parseUnitName } from '../unit/unit-name.ts';
import {
  escapePath,
  escapeUnitName,
  isUnitType,
  mangleUnitName,
  unescapePath,
  unescapeText,
} from '../unit/unit-name-escape.ts';
import { print } from './print.ts';

const table: OptionTable = {
  longs: {
    help: 'flag',
    version: 'flag',
    suffix: 'value',
    template: 'value',
    instance: 'flag',
    unescape: 'flag',
    mangle: 'flag',
    path: 'flag',
  },
  shorts: { h: 'help', u: 'unescape', m: 'mangle', p: 'path' },
};

/** systemd-escape: strings as parts of units' names, and back. */
export function main(args: readonly string[]): number {
  try {
    const parsed = getopt('systemd-escape', args, table);
    if (parsed.options.has('help')) return print(usage);
    if (parsed.options.has('version')) return print('systemd 252 (bhatti)\n');
    checkOptions(parsed);
    return print(`${parsed.words.map((word) => translate(parsed, word)).join(' ')}\n`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

function checkOptions({ words, options }: Parsed): void {
  const suffix = options.get('suffix')?.at(-1);
  const template = options.get('template')?.at(-1);
  if (suffix !== undefined && !isUnitType(suffix)) throw new UsageError(`Invalid unit suffix type "${suffix}".`);
  if (template !== undefined && parseUnitName(template)?.instance !== '')
    throw new UsageError(`Template name ${template} is not valid.`);
  if (words.length === 0) throw new UsageError('Not enough arguments.');
  const has = (name: string) => options.has(name);
  if (template !== undefined && suffix !== undefined)
    throw new UsageError('--suffix= and --template= may not be combined.');
  if ((template !== undefined || suffix !== undefined) && has('mangle'))
    throw new UsageError('--suffix= and --template= are not compatible with --mangle.');
  if (suffix !== undefined && has('unescape')) throw new UsageError('--suffix is not compatible with --unescape.');
  if (has('path') && has('mangle')) throw new UsageError('--path may not be combined with --mangle.');
}

function translate(parsed: Parsed, word: string): string {
  const isPath = parsed.options.has('path');
  if (parsed.options.has('unescape')) return unescape(parsed, word, isPath);
  if (parsed.options.has('mangle')) return mangleUnitName(word).name;
  const text = isPath ? escapedPath(word) : escapeUnitName(word);
  const template = lastValue(parsed, 'template');
  const suffix = lastValue(parsed, 'suffix');
  if (template !== undefined) return template.replace('@.', `@${text}.`);
  return suffix === undefined ? text : `${text}.${suffix}`;
}

function unescape(parsed: Parsed, word: string, isPath: boolean): string {
  const template = lastValue(parsed, 'template');
  const unit = parseUnitName(word);
  const wanted = template === undefined ? undefined : parseUnitName(template);
  if (wanted !== undefined && (unit?.instance === undefined || unit.prefix !== wanted.prefix))
    throw new UsageError(`Unit ${word} is not an instance of template ${template}.`);
  const text = wanted !== undefined || parsed.options.has('instance') ? (unit?.instance ?? word) : word;
  const plain = isPath ? unescapePath(text) : unescapeText(text);
  if (plain === undefined) throw new UsageError('Failed to unescape string: Invalid argument');
  return plain;
}

function escapedPath(word: string): string {
  const escaped = escapePath(word);
  if (escaped === undefined)
    throw new UsageError(`Input '${word}' is not an absolute file system path, failed to escape.`);
  if (!word.startsWith('/'))
    process.stderr.write(
      `Input '${word}' is not an absolute file system path, escaping is likely not going to be reversible.\n`,
    );
  return escaped;
}

const usage = `systemd-escape [OPTIONS...] [NAME...]

Escape strings for usage in systemd unit names.

  -h --help               Show this help
     --version            Show package version
     --suffix=SUFFIX      Unit suffix to append to escaped strings
     --template=TEMPLATE  Insert strings as instance into template
     --instance           With --unescape, show just the instance part
  -u --unescape           Unescape strings
  -m --mangle             Mangle strings
  -p --path               When escaping/unescaping assume the string is a path

See the systemd-escape(1) man page for details.
`;
