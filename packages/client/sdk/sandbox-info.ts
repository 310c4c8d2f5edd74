import type { CreateRequest, Sandbox } from '@bhatti/wire/control/sandbox.ts';

import { bytesOf, toBase64, type Content } from './bytes.ts';

/** A sandbox at one moment. */
export interface SandboxInfo {
  readonly id: string;
  readonly name: string;
  readonly status: Sandbox['status'];
  /** How awake it is: `warm` is paused in memory, `cold` is on disk. It wakes by itself when it is used. */
  readonly residency: 'hot' | 'warm' | 'cold' | undefined;
  readonly engine: string;
  readonly image: string;
  readonly cpus: number;
  readonly memoryMb: number;
  readonly diskSizeMb: number;
  readonly keepHot: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Addresses of its published ports. */
  readonly urls: readonly string[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly stoppedAt: Date | undefined;
  /** Why it is `failed`. */
  readonly failure: string | undefined;
  /** Remarks for a person; after a create and a start. */
  readonly notices: readonly string[];
}

export function infoOf(sandbox: Sandbox): SandboxInfo {
  return {
    id: sandbox.id,
    name: sandbox.name,
    status: sandbox.status,
    residency: sandbox.thermal,
    engine: sandbox.engine,
    image: sandbox.image,
    cpus: sandbox.cpus,
    memoryMb: sandbox.memory_mb,
    diskSizeMb: sandbox.disk_size_mb,
    keepHot: sandbox.keep_hot,
    labels: sandbox.labels,
    urls: sandbox.urls,
    createdBy: sandbox.created_by,
    createdAt: new Date(sandbox.created_at),
    stoppedAt: sandbox.stopped_at === undefined ? undefined : new Date(sandbox.stopped_at),
    failure: sandbox.failure,
    notices: sandbox.notices ?? [],
  };
}

/** What a sandbox is to be. Everything has a default. */
export interface SandboxSpec {
  /** Default: one is made up. A sandbox that has the name already is taken as it is. */
  readonly name?: string | undefined;
  /** `minimal`, or `computer` for a desktop. */
  readonly image?: string | undefined;
  /** Fractions are allowed. */
  readonly cpus?: number | undefined;
  readonly memoryMb?: number | undefined;
  readonly diskSizeMb?: number | undefined;
  /** Of every command. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** A command line that runs once after boot, as user lohar. */
  readonly init?: string | undefined;
  /** Never paused by itself. */
  readonly keepHot?: boolean | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Written before boot; `mode` is octal, e.g. `0755`. */
  readonly files?: readonly SandboxFile[] | undefined;
  /** Whether to wait until it is usable, a desktop drawn. Default true. */
  readonly wait?: boolean | undefined;
  readonly engine?: 'container' | 'microvm' | undefined;
}

export interface SandboxFile {
  readonly path: string;
  readonly content: Content;
  readonly mode?: string | undefined;
}

export function requestOf(spec: SandboxSpec): CreateRequest {
  const { memoryMb, diskSizeMb, keepHot, env, labels, files, ...same } = spec;
  return {
    ...same,
    memory_mb: memoryMb,
    disk_size_mb: diskSizeMb,
    keep_hot: keepHot,
    env: env === undefined ? undefined : { ...env },
    labels: labels === undefined ? undefined : { ...labels },
    files: files?.map(({ path, content, mode }) => ({ guest_path: path, content: toBase64(bytesOf(content)), mode })),
  };
}
