import { CodedError, describe } from '@bhatti/base/errors.ts';
import { sandboxCalls } from '@bhatti/client/sandbox.ts';
import type { CreateRequest, Sandbox } from '@bhatti/wire/control/sandbox.ts';
import type { Command } from 'commander';
import { readFile, stat } from 'node:fs/promises';

import { collect, invalid, parseEnvironment, parseLabels, parseNumber } from '../arguments.ts';
import type { CommandContext } from '../command-table.ts';
import { connectTo, wholeProcess } from '../connection.ts';
import { noteLine, printJson, printLine } from '../output.ts';

interface Options {
  readonly name?: string;
  readonly image?: string;
  readonly cpus?: number;
  readonly memory?: number;
  readonly diskSize?: number;
  readonly env?: readonly string[];
  readonly init?: string;
  readonly keepHot?: boolean;
  readonly label?: readonly string[];
  readonly file?: readonly string[];
  readonly wait: boolean;
  readonly engine?: string;
}

export function define(command: Command, context: CommandContext): void {
  command
    .usage('--name NAME [options]')
    .argument('[name]', 'as --name')
    .option('--name <name>', 'letters, digits, ".", "_", "-"; default: one is made up')
    .option('--image <image>', 'minimal or computer; see "bhatti image list"')
    .option('--cpus <n>', 'cores, fractions allowed', parseNumber('--cpus'))
    .option('--memory <mb>', 'memory in MB', parseNumber('--memory'))
    .option('--disk-size <mb>', 'disk in MB', parseNumber('--disk-size'))
    .option('--env <k=v,…>', 'environment of every command; may be repeated', collect)
    .option('--init <command>', 'run once after boot, as user lohar')
    .option('--keep-hot', 'never pause it by itself')
    .option('--label <k=v>', 'may be repeated', collect)
    .option('--file <local:guest>', 'copy a file in before boot; may be repeated', collect)
    .option('--no-wait', 'return before the sandbox (or its desktop) is usable')
    .option('--engine <engine>', 'container or microvm; default: what the host can do best')
    .action(async (positional: string | undefined, options: Options) => {
      const request = await requestOf(positional, options);
      const api = await connectTo(context.options);
      const { sandbox, isExisting } = await sandboxCalls(api).create(wholeProcess, request);
      if (context.options.json) return printJson(sandbox);
      await printLine(isExisting ? `sandbox/${sandbox.name} unchanged (already exists)` : describeCreated(sandbox));
      for (const notice of isExisting ? [] : (sandbox.notices ?? [])) await noteLine(`note: ${notice}`);
    });
}

async function requestOf(positional: string | undefined, options: Options): Promise<CreateRequest> {
  const name = options.name ?? positional;
  if (options.name !== undefined && positional !== undefined)
    throw new CodedError('USAGE', 'create takes one name', { command: 'create' }, { hint: 'leave out one of the two' });
  return {
    ...(name === undefined ? {} : { name }),
    ...(options.image === undefined ? {} : { image: options.image }),
    ...(options.cpus === undefined ? {} : { cpus: options.cpus }),
    // The original's "not given" is 0.
    ...(options.memory === undefined || options.memory === 0 ? {} : { memory_mb: options.memory }),
    ...(options.diskSize === undefined || options.diskSize === 0 ? {} : { disk_size_mb: options.diskSize }),
    ...(options.env === undefined ? {} : { env: parseEnvironment(options.env) }),
    ...(options.init === undefined ? {} : { init: options.init }),
    ...(options.keepHot === true ? { keep_hot: true } : {}),
    ...(options.label === undefined ? {} : { labels: parseLabels(options.label) }),
    ...(options.file === undefined ? {} : { files: await Promise.all(options.file.map(readLocal)) }),
    ...(options.wait ? {} : { wait: false }),
    ...(options.engine === undefined ? {} : { engine: engineOf(options.engine) }),
  };
}

function engineOf(text: string): 'container' | 'microvm' {
  if (text === 'container' || text === 'microvm') return text;
  throw invalid('--engine', text, 'it must be "container" or "microvm"');
}

async function readLocal(word: string): Promise<NonNullable<CreateRequest['files']>[number]> {
  const at = word.lastIndexOf(':');
  if (at < 1 || !word.slice(at + 1).startsWith('/'))
    throw invalid('--file', word, 'it must be LOCAL:GUEST with an absolute path in the guest');
  const local = word.slice(0, at);
  try {
    const [content, { mode }] = await Promise.all([readFile(local), stat(local)]);
    return {
      guest_path: word.slice(at + 1),
      content: content.toString('base64'),
      mode: (mode & 0o777).toString(8).padStart(4, '0'),
    };
  } catch (error) {
    throw new CodedError(
      'FILE_NOT_FOUND',
      `cannot read "${local}": ${whyUnreadable(error)}`,
      { path: local },
      { cause: error, hint: 'give --file LOCAL:GUEST with a file of this machine' },
    );
  }
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'it is a directory';
  return code === 'EACCES' ? 'permission denied' : describe(error);
}

function describeCreated(sandbox: Sandbox): string {
  const disk = sandbox.disk_size_mb > 0 ? `, ${sandbox.disk_size_mb} MB disk` : '';
  return [
    `sandbox/${sandbox.name} created (${sandbox.cpus} vCPU, ${sandbox.memory_mb} MB${disk})`,
    `  IP:    ${sandbox.ip ?? '-'}`,
    `  Shell: bhatti shell ${sandbox.name}`,
  ].join('\n');
}
