import { accessSync, constants, existsSync, globSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { CAPABILITIES } from './capability-table.ts';
import type { Condition } from './definition.ts';

type Check = (parameter: string) => boolean;

/** The checks of systemd.unit(5) that have an answer here. One that is not in this list holds, as for a systemd built without its subject. */
const checks: Readonly<Record<string, Check>> = {
  PathExists: (path) => existsSync(path),
  PathExistsGlob: (pattern) => globSync(pattern).length > 0,
  PathIsDirectory: (path) => statOf(path)?.isDirectory() === true,
  PathIsSymbolicLink: (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true,
  PathIsMountPoint: (path) => mountPoints().has(path),
  PathIsReadWrite: (path) => canWrite(path),
  DirectoryNotEmpty: (path) => isNonEmptyDirectory(path),
  FileNotEmpty: (path) => (statOf(path)?.size ?? 0) > 0 && statOf(path)?.isFile() === true,
  FileIsExecutable: (path) => ((statOf(path)?.mode ?? 0) & 0o111) !== 0 && statOf(path)?.isFile() === true,
  Host: (name) => name.toLowerCase() === hostname().toLowerCase(),
  User: (user) => user === 'root' || user === '0' || user === '@system',
  Group: (group) => group === 'root' || group === '0',
  Architecture: (name) => name === (process.arch === 'x64' ? 'x86-64' : process.arch) || name === 'native',
  Virtualization: (kind) => ['1', 'yes', 'true', 'on', 'container'].includes(kind),
  KernelCommandLine: (word) =>
    kernelWords().some((found) => found === word || (!word.includes('=') && found.startsWith(`${word}=`))),
  Environment: (text) =>
    text.includes('=')
      ? process.env[text.split('=', 1)[0] ?? ''] === text.slice(text.indexOf('=') + 1)
      : text in process.env,
  Capability: (name) => hasCapability(name),
  FirstBoot: (value) => !['1', 'yes', 'true', 'on'].includes(value),
  ACPower: (value) => ['1', 'yes', 'true', 'on'].includes(value),
  NeedsUpdate: () => false,
  Firmware: () => false,
  Security: () => false,
};

/** The conditions that are looked at. */
export const CONDITIONS: readonly string[] = Object.keys(checks);

/** The first condition that does not hold, or undefined: all plain ones must hold, and one of those with `|` if there are any. */
export function unmetCondition(conditions: readonly Condition[]): Condition | undefined {
  const plain = conditions.find((condition) => !condition.trigger && !holds(condition));
  if (plain !== undefined) return plain;
  const triggers = conditions.filter((condition) => condition.trigger);
  return triggers.length > 0 && !triggers.some(holds) ? triggers[0] : undefined;
}

/** As systemd prints it: `ConditionPathExists=!/root/.kasmpasswd`. */
export function formatCondition(condition: Condition): string {
  return `${condition.name}=${condition.trigger ? '|' : ''}${condition.negate ? '!' : ''}${condition.parameter}`;
}

function holds(condition: Condition): boolean {
  const check = checks[condition.name.replace(/^(Condition|Assert)/, '')];
  return check === undefined || check(condition.parameter) !== condition.negate;
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined; // expected: ENOTDIR, ELOOP
  }
}

function isNonEmptyDirectory(path: string): boolean {
  try {
    return readdirSync(path).length > 0;
  } catch {
    return false; // expected: it is none
  }
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false; // expected: read-only or missing
  }
}

/** proc(5): the fifth field of /proc/self/mountinfo. */
function mountPoints(): Set<string> {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return new Set(
    lines.map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, octal: string) =>
        String.fromCharCode(Number.parseInt(octal, 8)),
      ),
    ),
  );
}

/** Whether any process here could have it: the bounding set (capabilities(7)). */
function hasCapability(name: string): boolean {
  const number = CAPABILITIES.indexOf(name);
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return number !== -1 && ((BigInt(`0x${bounding}`) >> BigInt(number)) & 1n) === 1n;
}

function kernelWords(): string[] {
  return readFileSync('/proc/cmdline', 'utf8').trim().split(/\s+/);
}
