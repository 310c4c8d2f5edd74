import { accessSync, constants, existsSync, globSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism, hostname, release } from 'node:os';
import { CAPABILITIES } from './capability-table.ts';
import { compareAmounts, compareVersions, matchesPattern, splitComparison } from './condition-compare.ts';
import type { Condition } from './definition.ts';
import { parseEnvironmentFile } from './environment-file.ts';
import { machineId } from './machine-id.ts';

type Check = (parameter: string) => boolean;

/** The conditions of systemd 252 (systemd.unit(5)). One that cannot be read counts as failed. */
const checks: Readonly<Record<string, Check>> = {
  PathExists: (path) => existsSync(path),
  PathExistsGlob: (pattern) => globSync(pattern).length > 0,
  PathIsDirectory: (path) => statOf(path)?.isDirectory() === true,
  PathIsSymbolicLink: (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true,
  PathIsMountPoint: (path) => mountPoints().has(path),
  PathIsReadWrite: (path) => canWrite(path),
  PathIsEncrypted: () => false,
  DirectoryNotEmpty: (path) => isNonEmptyDirectory(path),
  FileNotEmpty: (path) => (statOf(path)?.size ?? 0) > 0 && statOf(path)?.isFile() === true,
  FileIsExecutable: (path) => ((statOf(path)?.mode ?? 0) & 0o111) !== 0 && statOf(path)?.isFile() === true,
  Host: (name) => [hostname(), machineId()].some((own) => matchesPattern(own.toLowerCase(), name.toLowerCase())),
  User: (user) => user === 'root' || user === '0' || user === '@system',
  Group: (group) => group === 'root' || group === '0',
  Architecture: (name) => name === (process.arch === 'x64' ? 'x86-64' : process.arch) || name === 'native',
  Virtualization: (kind) => isYes(kind) || kind === 'container',
  KernelCommandLine: (word) =>
    kernelWords().some((found) => found === word || (!word.includes('=') && found.startsWith(`${word}=`))),
  KernelVersion: (wanted) => wanted.split(/\s+/).every((word) => isKernel(word)),
  OSRelease: (wanted) => wanted.split(/\s+/).every((word) => hasOsRelease(word)),
  CPUs: (wanted) => hasAmount(availableParallelism(), wanted, 1),
  Memory: (wanted) => hasAmount(memoryBytes(), wanted, 1024),
  CPUFeature: (flag) => cpuFlags().has(flag),
  ControlGroupController: (names) => names.split(/\s+/).every((name) => name === 'v2' || controllers().has(name)),
  // Pressure is not delegated to a sandbox; systemd holds such a condition for met.
  MemoryPressure: () => true,
  CPUPressure: () => true,
  IOPressure: () => true,
  Environment: (text) =>
    text.includes('=')
      ? process.env[text.split('=', 1)[0] ?? ''] === text.slice(text.indexOf('=') + 1)
      : text in process.env,
  Capability: (name) => hasCapability(name),
  Credential: () => false,
  FirstBoot: (value) => !isYes(value),
  ACPower: (value) => isYes(value),
  NeedsUpdate: () => false,
  Firmware: () => false,
  Security: () => false,
};

/** Whether there is such a condition (`PathExists`), and whether it is about a path. */
export function conditionKind(name: string): 'path' | 'other' | undefined {
  if (!Object.hasOwn(checks, name)) return undefined;
  return /^(Path|Directory|File)/.test(name) ? 'path' : 'other';
}
/** The conditions that are looked at. */
export const CONDITIONS: readonly string[] = Object.keys(checks);

/** A condition that does not hold, or undefined: all plain ones must hold, and one of those with `|` if there are any. As in systemd the last ones are looked at first. */
export function unmetCondition(conditions: readonly Condition[]): Condition | undefined {
  const plain = conditions.findLast((condition) => !condition.trigger && !holds(condition));
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
  try {
    return check !== undefined && check(condition.parameter) !== condition.negate;
  } catch {
    return false; // expected: a value that makes no sense, or something of the kernel's that is not there
  }
}

function isYes(text: string): boolean {
  return /^(1|y|yes|t|true|on)$/i.test(text);
}

function isKernel(wanted: string): boolean {
  const { operator, value } = splitComparison(wanted);
  return operator === undefined ? matchesPattern(release(), value) : compareVersions(release(), operator, value);
}

function hasOsRelease(wanted: string): boolean {
  const match = /^([A-Z0-9_]+)(.*)$/.exec(wanted);
  const { operator, value } = splitComparison(match?.[2] ?? '');
  const actual = parseEnvironmentFile(readFileSync('/etc/os-release', 'utf8'))[match?.[1] ?? ''];
  return operator !== undefined && actual !== undefined && compareVersions(actual, operator, value);
}

function hasAmount(actual: number, wanted: string, base: 1 | 1024): boolean {
  const { operator, value } = splitComparison(wanted);
  const match = /^(\d+)([KMGTPE]?)$/.exec(value);
  if (match === null || (base === 1 && match[2] !== '')) throw new SyntaxError(`no amount: ${value}`);
  const exponent = match[2] === '' ? 0 : 'KMGTPE'.indexOf(match[2] ?? '') + 1;
  return compareAmounts(actual, operator, Number(match[1]) * base ** exponent);
}

function memoryBytes(): number {
  return 1024 * Number(/^MemTotal:\s*(\d+)/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1] ?? 0);
}

function cpuFlags(): Set<string> {
  return new Set(
    (/^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '').trim().split(/\s+/),
  );
}

/** proc(5): what the kernel has, delegated or not. */
function controllers(): Set<string> {
  const lines = readFileSync('/proc/cgroups', 'utf8').split('\n').slice(1);
  return new Set(lines.map((line) => line.split('\t', 1)[0] ?? ''));
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
