import { readFileSync } from 'node:fs';
import { hostname, release } from 'node:os';
import { dirname } from 'node:path';
import { parseEnvironmentFile } from './environment-file.ts';
import { unescapeUnitName, type UnitName } from './unit-name.ts';
import { machineId } from './machine-id.ts';

/** The specifiers of systemd.unit(5) that mean something here; `%h` and `%u` are the service manager's own user, as there. */
const specifiers: Readonly<Record<string, (unit: UnitName) => string>> = {
  n: (unit) => unit.name,
  N: (unit) => unit.name.slice(0, -unit.type.length - 1),
  p: (unit) => unit.prefix,
  P: (unit) => unescapeUnitName(unit.prefix),
  i: (unit) => unit.instance ?? '',
  I: (unit) => unescapeUnitName(unit.instance ?? ''),
  j: (unit) => unit.prefix.slice(unit.prefix.lastIndexOf('-') + 1),
  J: (unit) => unescapeUnitName(unit.prefix.slice(unit.prefix.lastIndexOf('-') + 1)),
  f: (unit) => `/${unescapeUnitName(unit.instance ?? unit.prefix)}`,
  t: () => '/run',
  S: () => '/var/lib',
  C: () => '/var/cache',
  L: () => '/var/log',
  E: () => '/etc',
  d: (unit) => `/run/credentials/${unit.name}`,
  T: () => '/tmp',
  V: () => '/var/tmp',
  u: () => 'root',
  U: () => '0',
  g: () => 'root',
  G: () => '0',
  h: () => '/root',
  s: () => '/bin/bash',
  H: () => hostname(),
  l: () => hostname().split('.', 1)[0] ?? '',
  v: () => release(),
  a: () => (process.arch === 'x64' ? 'x86-64' : process.arch),
  b: () => readLine('/proc/sys/kernel/random/boot_id').replaceAll('-', ''),
  m: machineId,
  q: () => prettyHostname(),
  o: () => osRelease('ID'),
  w: () => osRelease('VERSION_ID'),
  W: () => osRelease('VARIANT_ID'),
  B: () => osRelease('BUILD_ID'),
  M: () => osRelease('IMAGE_ID'),
  A: () => osRelease('IMAGE_VERSION'),
  y: (unit) => unit.fragmentPath ?? '',
  Y: (unit) => (unit.fragmentPath === undefined ? '' : dirname(unit.fragmentPath)),
  '%': () => '%',
};

/** Replaces `%x`; a `%` at the end stands for itself. One that does not exist throws a SyntaxError. */
export function expandSpecifiers(text: string, unit: UnitName): string {
  if (!text.includes('%')) return text;
  return text.replace(/%(.?)/gs, (_, letter: string) => {
    if (letter === '') return '%';
    const expand = Object.hasOwn(specifiers, letter) ? specifiers[letter] : undefined;
    if (expand === undefined)
      throw new SyntaxError(`Failed to resolve unit specifiers in '${text}', ignoring: Invalid slot`);
    return expand(unit);
  });
}

/** hostnamectl(1): /etc/machine-info has it, and the plain one stands in for it. */
function prettyHostname(): string {
  const info = parseEnvironmentFile(readLine('/etc/machine-info', 'whole'));
  return info['PRETTY_HOSTNAME'] || hostname();
}

function osRelease(key: string): string {
  return parseEnvironmentFile(readLine('/etc/os-release', 'whole'))[key] ?? '';
}

function readLine(path: string, how: 'first' | 'whole' = 'first'): string {
  try {
    const text = readFileSync(path, 'utf8');
    return how === 'whole' ? text : (text.split('\n', 1)[0] ?? '');
  } catch {
    return ''; // expected: an image has none of these
  }
}
