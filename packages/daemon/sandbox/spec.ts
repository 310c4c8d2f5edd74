import { CodedError } from '@bhatti/base/errors.ts';
import { newSandboxId, randomHex } from '@bhatti/base/ids.ts';
import type { CreateRequest } from '@bhatti/wire/control/sandbox.ts';
import { isDeepStrictEqual } from 'node:util';
import type { SandboxRow } from '../store/sandboxes.ts';
import type { UserLimits } from '../store/users.ts';
import { checkDesktopEnv } from './desktop-env.ts';

export interface SpecDefaults {
  readonly cpus: number;
  readonly memoryMib: number;
  /** Undefined: what the image asks for. */
  readonly diskMib: number | undefined;
}

/** What an image says about sandboxes made from it. */
export interface ImageTraits {
  readonly name: string;
  readonly desktop: boolean;
  readonly defaultDiskMib: number | undefined;
}

/** What the machine has. */
export interface HostCapacity {
  readonly memoryMib: number;
}

export const defaultImage = 'minimal';
const defaultDiskMib = 4096;
const defaultDesktopDiskMib = 8192; // the page: "--disk-size 8192 is the recommended floor"

/** Refuses what no sandbox may be, before anything is looked up. Throws INVALID_ARGUMENT. */
export function checkRequest(request: CreateRequest): void {
  checkDesktopEnv(request.env ?? {});
  for (const [name, value] of Object.entries(request.env ?? {}))
    if (value.includes('\0')) throw invalid(`env.${name}`, 'a value cannot hold a NUL character');
  for (const { guest_path: path, mode, content } of request.files ?? []) {
    if (!path.startsWith('/') || path.includes('\0'))
      throw invalid('files.guest_path', `"${path}" is not an absolute path`);
    if (mode !== undefined && !/^0?[0-7]{3,4}$/.test(mode))
      throw invalid('files.mode', `"${mode}" is not an octal mode`);
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(content)) throw invalid('files.content', `content of "${path}" is not base64`);
  }
  const labels = Object.entries(request.labels ?? {});
  if (labels.length > 16) throw invalid('labels', 'at most 16 labels are allowed');
  for (const [key, value] of labels)
    if (key === '' || key.length > 63 || value.length > 256)
      throw invalid('labels', `label "${key}" is empty or too long`);
}

/** The row of a sandbox that shall be made; all defaults filled in. Throws INVALID_ARGUMENT, QUOTA_EXCEEDED. */
export function newRow(
  request: CreateRequest,
  made: {
    readonly owner: string;
    readonly image: ImageTraits;
    readonly defaults: SpecDefaults;
    readonly host: HostCapacity;
    readonly limits: UserLimits | undefined;
    readonly now: Date;
  },
): SandboxRow {
  const { defaults, host, image, limits } = made;
  const id = newSandboxId();
  const name = request.name ?? `sandbox-${randomHex(3)}`;
  const cpus = request.cpus ?? defaults.cpus;
  const memoryMib = request.memory_mb ?? defaults.memoryMib;
  if (memoryMib > host.memoryMib)
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot create sandbox "${name}": memory of ${memoryMib} MB is more than this machine has`,
      { argument: 'memory_mb', value: String(memoryMib) },
      { hint: `ask for at most ${host.memoryMib} MB` },
    );
  if (limits !== undefined) checkLimits(name, { cpus, memoryMib }, limits);
  return {
    id,
    owner: made.owner,
    name,
    image: image.name,
    desktop: image.desktop,
    cpus,
    memoryMib,
    diskMib:
      request.disk_size_mb ??
      defaults.diskMib ??
      image.defaultDiskMib ??
      (image.desktop ? defaultDesktopDiskMib : defaultDiskMib),
    env: request.env ?? {},
    init: request.init,
    labels: request.labels ?? {},
    keepHot: request.keep_hot ?? false,
    bootFiles: (request.files ?? []).map(({ guest_path, content, mode }) => ({
      path: guest_path,
      contentBase64: content,
      ...(mode === undefined ? {} : { mode }),
    })),
    wanted: 'creating',
    createdAt: made.now.toISOString(),
    stoppedAt: undefined,
  };
}

/** Names of the fields in which a request asks for something else than the sandbox of that name is. What it does not name, it does not ask for. */
export function differences(request: CreateRequest, row: SandboxRow): string[] {
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['image', request.image, row.image],
    ['cpus', request.cpus, row.cpus],
    ['memory_mb', request.memory_mb, row.memoryMib],
    ['disk_size_mb', request.disk_size_mb, row.diskMib],
    ['env', request.env, row.env],
    ['init', request.init, row.init],
    ['keep_hot', request.keep_hot, row.keepHot],
    ['labels', request.labels, row.labels],
  ];
  return pairs.filter(([, asked, is]) => asked !== undefined && !isDeepStrictEqual(asked, is)).map(([name]) => name);
}

function checkLimits(name: string, asked: { cpus: number; memoryMib: number }, limits: UserLimits): void {
  const over = (what: string, limit: number) =>
    new CodedError('QUOTA_EXCEEDED', `cannot create sandbox "${name}": at most ${limit} ${what} are allowed`, {
      what,
      limit,
    });
  if (asked.cpus > limits.maxCpus) throw over('cpus a sandbox', limits.maxCpus);
  if (asked.memoryMib > limits.maxMemoryMib) throw over('MB of memory a sandbox', limits.maxMemoryMib);
}

function invalid(argument: string, why: string): CodedError {
  return new CodedError('INVALID_ARGUMENT', `invalid create request: "${argument}": ${why}`, { argument });
}
