import type { SandboxId } from '@bhatti/base/ids.ts';
import { fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { ownFd } from '@bhatti/sys/native/descriptor.ts';
import { join } from 'node:path';
import type { EngineConfig, SandboxSpec } from '../engine.ts';
import type { Place } from '../network/address.ts';
import { enginePaths, sandboxPaths } from './paths.ts';

/** What the engine wrote down when it created the sandbox. It never changes afterwards. */
export interface SandboxRecord {
  readonly version: 1;
  readonly spec: SandboxSpec;
  /** The image that its upper layer fits, whatever is built under the same name later. */
  readonly imageDigest: string;
  readonly place: Place;
}

const recordName = 'sandbox.json';

/** Directories of these prefixes are creations and destructions that go on, or never ended. */
export const unfinishedPrefix = '.new-';
export const doomedPrefix = '.doomed-';

/** Writes the record into a directory and sees it onto the disk, since a power cut after `create` must not lose the sandbox's address. */
export function writeRecord(dir: string, record: SandboxRecord): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  using file = ownFd(openSync(join(dir, recordName), 'w', 0o600));
  writeFileSync(file.fd, `${JSON.stringify(record, undefined, 2)}\n`);
  fsyncSync(file.fd);
}

/** The record of a sandbox; undefined when there is none, or none that can be read. */
export function readRecord(config: EngineConfig, id: string): SandboxRecord | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(sandboxPaths(config, id).record, 'utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // expected: no such sandbox; a torn file is the same to its callers, who offer destroy for both
  }
}

/** Ids of everything that has a directory, in no order. Unfinished creations are not among them. */
export function listIds(config: EngineConfig): SandboxId[] {
  return namesIn(enginePaths(config).sandboxesDir)
    .filter((name) => !name.startsWith('.'))
    .map((name) => name as SandboxId); // SAFETY: only create makes these directories, named by the ids that it was given
}

/** Every record, those of unfinished creations included: their addresses are taken too. */
export function listRecords(config: EngineConfig): SandboxRecord[] {
  return namesIn(enginePaths(config).sandboxesDir)
    .filter((name) => !name.startsWith(doomedPrefix))
    .map((name) => readRecord(config, name))
    .filter((record) => record !== undefined);
}

/** Entries of a directory; none when it does not exist. */
export function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

function isRecord(value: unknown): value is SandboxRecord {
  if (typeof value !== 'object' || value === null) return false;
  if (!('version' in value) || value.version !== 1 || !('spec' in value) || !('place' in value)) return false;
  const { spec, place } = value;
  return (
    hasTypes(spec, { id: 'string', name: 'string', owner: 'string', image: 'string', cpus: 'number' }) &&
    hasTypes(spec, { memoryMib: 'number', diskMib: 'number' }) &&
    hasTypes(value, { imageDigest: 'string' }) &&
    hasTypes(place, { network: 'number', host: 'number' })
  );
}

function hasTypes(value: unknown, types: Readonly<Record<string, 'string' | 'number'>>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(types).every(([name, type]) => typeof Reflect.get(value, name) === type);
}
