import { CodedError, describe } from '@bhatti/base/errors.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { ListenAddress } from './api/listen.ts';
import { ConfigFileSchema, type ConfigFile } from './config-schema.ts';
import type { SpecDefaults } from './sandbox/spec.ts';
import type { UserLimits } from './store/users.ts';

/** Everything the daemon is told, complete. */
export interface DaemonConfig {
  readonly dataDir: string;
  readonly runDir: string;
  readonly instance: string;
  readonly subnet: string;
  readonly executable: string;
  readonly listen: ListenAddress;
  readonly zone: string;
  readonly domain: DomainConfig | undefined;
  readonly defaults: SpecDefaults;
  readonly limits: UserLimits;
  /** 0: sandboxes are never paused by themselves. */
  readonly warmAfterMs: number;
  /** Remove sandboxes that the database does not know even where it is new. */
  readonly destroysUnknown: boolean;
}

export interface DomainConfig {
  readonly apiHost: string | undefined;
  readonly proxyZone: string | undefined;
  /** Undefined: something in front of the daemon speaks TLS. */
  readonly tls: { readonly certPath: string; readonly keyPath: string; readonly listen: ListenAddress } | undefined;
}

const defaultConfigFile = '/etc/bhatti/config.yaml';
const flags = {
  config: { type: 'string' },
  'data-dir': { type: 'string' },
  'run-dir': { type: 'string' },
  listen: { type: 'string' },
  instance: { type: 'string' },
  subnet: { type: 'string' },
  debug: { type: 'string' },
  'destroy-unknown': { type: 'boolean' },
} as const;

/** Flags of `bhatti serve`. Throws USAGE. */
export function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false }).values;
  } catch (cause) {
    throw new CodedError(
      'USAGE',
      `cannot serve: ${describe(cause)}`,
      { command: 'serve' },
      {
        cause,
        hint: `flags: ${Object.keys(flags)
          .map((name) => `--${name}`)
          .join(' ')}`,
      },
    );
  }
}

/** Flag before config file before environment before built-in, value by value. Throws INVALID_ARGUMENT, USAGE. */
export async function loadConfig(
  flag: ReturnType<typeof parseFlags>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<DaemonConfig> {
  const file = await readConfigFile(flag.config ?? env['BHATTI_CONFIG']);
  const pick = (fromFlag: string | undefined, fromFile: string | undefined, name: string, builtIn: string) =>
    fromFlag ?? fromFile ?? env[name] ?? builtIn;
  const instance = pick(flag.instance, file.instance, 'BHATTI_INSTANCE', 'bhatti');
  if (!/^[a-z][a-z0-9]{0,5}$/.test(instance))
    throw invalid('instance', instance, 'must be at most 6 lower-case letters and digits');
  const subnet = pick(flag.subnet, file.subnet, 'BHATTI_SUBNET', '10.107.0.0/16');
  if (!/^\d{1,3}\.\d{1,3}\.0\.0\/16$/.test(subnet))
    throw invalid('subnet', subnet, 'must be an IPv4 network like 10.107.0.0/16');
  return {
    dataDir: pick(flag['data-dir'], file.data_dir, 'BHATTI_DATA_DIR', '/var/lib/bhatti'),
    runDir: pick(flag['run-dir'], file.run_dir, 'BHATTI_RUN_DIR', '/run/bhatti'),
    instance,
    subnet,
    executable: env['BHATTI_EXECUTABLE'] ?? ownExecutable(),
    listen: parseListen(pick(flag.listen, file.listen, 'BHATTI_LISTEN', '127.0.0.1:8080'), 'listen'),
    zone: (file.zone ?? 'localhost').toLowerCase(),
    domain: domainOf(file),
    defaults: {
      cpus: file.defaults?.cpus ?? 1,
      memoryMib: file.defaults?.memory_mb ?? 1024,
      diskMib: file.defaults?.disk_size_mb,
    },
    limits: {
      maxSandboxes: file.limits?.max_sandboxes ?? 5,
      maxCpus: file.limits?.max_cpus ?? 4,
      maxMemoryMib: file.limits?.max_memory_mb ?? 8192,
    },
    warmAfterMs: (file.idle?.warm_after_s ?? 30) * 1_000,
    destroysUnknown: flag['destroy-unknown'] ?? false,
  };
}

async function readConfigFile(named: string | undefined): Promise<ConfigFile> {
  const path = named ?? defaultConfigFile;
  // Only a file that was asked for by name must exist.
  if (named === undefined && !existsSync(path)) return {};
  const { parse } = await import('yaml');
  let document: unknown;
  try {
    document = parse(readFileSync(path, 'utf8')) ?? {};
  } catch (cause) {
    throw new CodedError(
      'INVALID_ARGUMENT',
      `cannot read config file "${path}": ${describe(cause)}`,
      { argument: path },
      { cause },
    );
  }
  return decodeRequest(ConfigFileSchema, document, `config file "${path}"`);
}

function domainOf({ domain }: ConfigFile): DomainConfig | undefined {
  if (domain === undefined) return undefined;
  const { tls_cert: certPath, tls_key: keyPath } = domain;
  if ((certPath === undefined) !== (keyPath === undefined))
    throw invalid('domain', certPath ?? keyPath ?? '', 'needs both tls_cert and tls_key, or neither');
  return {
    apiHost: domain.api_host?.toLowerCase(),
    proxyZone: domain.proxy_zone?.toLowerCase(),
    tls:
      certPath === undefined || keyPath === undefined
        ? undefined
        : { certPath, keyPath, listen: parseListen(domain.listen ?? '0.0.0.0:443', 'domain.listen') },
  };
}

/** `127.0.0.1:8080`, `[::1]:8080`, `:8080` (all addresses). */
export function parseListen(value: string, name: string): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) throw invalid(name, value, 'must be ADDRESS:PORT');
  const host = match[1] ?? match[2] ?? '';
  return { host: host === '' ? '0.0.0.0' : host, port };
}

/** The executable that sandboxes get: this one, or the built one when this runs from source. */
function ownExecutable(): string {
  const isSource = basename(process.execPath).startsWith('bun');
  return isSource ? join(import.meta.dirname, '..', '..', 'dist', 'bhatti') : process.execPath;
}

function invalid(argument: string, value: string, why: string): CodedError {
  return new CodedError('INVALID_ARGUMENT', `invalid value "${value}" for "${argument}": it ${why}`, {
    argument,
    value,
  });
}
