import { CAPABILITIES } from './capability-table.ts';
import type { Directive } from './directive-table.ts';
import { boolean, byteSize, keyword } from './directive-value.ts';
import {
  CPU_POLICIES,
  IO_CLASSES,
  LIMITS,
  SECURE_BITS,
  type CpuPolicy,
  type ExecSettings,
  type IoClass,
  type LimitName,
  type LimitPair,
} from './exec-settings.ts';
import { expandSpecifiers } from './specifier.ts';
import { parseTimeSpan } from './time-span.ts';

const maxCpu = 8_191; // CONFIG_NR_CPUS of the largest kernels
const syslogLevels = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

/** systemd.exec(5): "Credentials" to "Logging and standard input/output", without what `directive-table.ts` has. */
export const EXEC_DIRECTIVES: Readonly<Record<string, Directive>> = {
  ...Object.fromEntries(limitNames().map((name) => [`Limit${name}`, limit(name)])),
  IOSchedulingClass: (draft, value) => void (draft.service.exec.ioClass = ioClass(value)),
  IOSchedulingPriority: (draft, value) =>
    void (draft.service.exec.ioPriority =
      value === '' ? undefined : ranged(value, { min: 0, max: 7, problem: 'Failed to parse IO priority, ignoring' })),
  CPUSchedulingPolicy: (draft, value) => void (draft.service.exec.cpuPolicy = cpuPolicy(value)),
  CPUSchedulingPriority: (draft, value) =>
    void (draft.service.exec.cpuPriority = ranged(value, {
      min: 0,
      max: 99,
      problem: 'CPU scheduling priority is out of range, ignoring',
    })),
  CPUSchedulingResetOnFork: (draft, value) => void (draft.service.exec.cpuResetOnFork = boolean(value)),
  CPUAffinity: cpuAffinity,
  OOMScoreAdjust: (draft, value) =>
    void (draft.service.exec.oomScoreAdjust =
      value === ''
        ? undefined
        : ranged(value, { min: -1000, max: 1000, problem: 'OOM score adjust value out of range, ignoring' })),
  TimerSlackNSec: (draft, value) => void (draft.service.exec.timerSlackNs = nanoseconds(value)),
  IgnoreSIGPIPE: (draft, value) => void (draft.service.exec.ignoreSigpipe = boolean(value)),
  NoNewPrivileges: (draft, value) => void (draft.service.exec.noNewPrivileges = boolean(value)),
  CapabilityBoundingSet(draft, value) {
    const before = draft.service.exec.boundingCapabilities;
    draft.service.exec.boundingCapabilities = capabilities(before ?? new Set(), value, before === undefined);
  },
  AmbientCapabilities(draft, value) {
    const { ambientCapabilities } = draft.service.exec;
    draft.service.exec.ambientCapabilities = capabilities(ambientCapabilities, value, false);
  },
  SecureBits(draft, value) {
    const { secureBits } = draft.service.exec;
    if (value === '') return secureBits.clear();
    // Words that mean nothing are left out without a word, as there.
    for (const bit of SECURE_BITS) if (value.split(/\s+/).includes(bit)) secureBits.add(bit);
  },
  ExecSearchPath(draft, value, unit) {
    const { exec } = draft.service;
    if (value === '') return void (exec.searchPath = []);
    for (const path of expandSpecifiers(value, unit).split(':')) {
      if (!path.startsWith('/')) throw new SyntaxError(`ExecSearchPath= path is not absolute, ignoring: ${path}`);
      exec.searchPath.push(path);
    }
  },
  TTYPath(draft, value, unit) {
    const path = value === '' ? '/dev/console' : expandSpecifiers(value, unit);
    if (!path.startsWith('/')) throw new SyntaxError(`TTYPath= path is not absolute, ignoring: ${path}`);
    draft.service.exec.ttyPath = path;
  },
  StandardInputText(draft, value, unit) {
    if (value === '') return void (draft.service.exec.inputData = []);
    const text = expandSpecifiers(unescape(value), unit);
    draft.service.exec.inputData.push(Buffer.from(`${text}\n`));
  },
  StandardInputData(draft, value) {
    if (value === '') return void (draft.service.exec.inputData = []);
    const text = value.replaceAll(/\s/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0)
      throw new SyntaxError(`Failed to decode base64 data, ignoring: ${value}`);
    draft.service.exec.inputData.push(Buffer.from(text, 'base64'));
  },
  LoadCredential(draft, value, unit) {
    const { loadedCredentials } = draft.service.exec;
    if (value === '') return loadedCredentials.clear();
    const { name, rest } = credential(expandSpecifiers(value, unit));
    loadedCredentials.set(name, rest ?? name);
  },
  SetCredential(draft, value, unit) {
    const { setCredentials } = draft.service.exec;
    if (value === '') return setCredentials.clear();
    const { name, rest } = credential(expandSpecifiers(value, unit));
    if (rest === undefined) throw new SyntaxError(`Invalid syntax, ignoring: ${value}`);
    setCredentials.set(name, unescape(rest));
  },
  SyslogLevel: (draft, value) => void (draft.service.exec.syslogLevel = value === '' ? 6 : syslogLevel(value)),
  SyslogLevelPrefix: (draft, value) => void (draft.service.exec.syslogLevelPrefix = value === '' || boolean(value)),
  LogLevelMax: (draft, value) => void (draft.service.exec.logLevelMax = value === '' ? undefined : syslogLevel(value)),
};

function limitNames(): LimitName[] {
  // SAFETY: the keys of a constant table.
  return Object.keys(LIMITS) as LimitName[];
}

function limit(name: LimitName): Directive {
  return (draft, value) => {
    const [soft = '', hard = soft, ...rest] = value.split(':');
    const pair: LimitPair = { soft: limitValue(name, soft.trim(), value), hard: limitValue(name, hard.trim(), value) };
    if (rest.length > 0) throw new SyntaxError(`Failed to parse resource value, ignoring: ${value}`);
    if (pair.soft > pair.hard)
      throw new SyntaxError(`Soft resource limit chosen higher than hard limit, ignoring: ${value}`);
    draft.service.exec.limits.set(name, pair);
  };
}

function limitValue(name: LimitName, text: string, whole: string): number {
  const parsed = text === 'infinity' ? Infinity : limitParsers[LIMITS[name].unit](text);
  if (parsed === undefined || Number.isNaN(parsed))
    throw new SyntaxError(`Failed to parse resource value, ignoring: ${whole}`);
  return parsed;
}

const limitParsers: Readonly<Record<(typeof LIMITS)[LimitName]['unit'], (text: string) => number | undefined>> = {
  bytes: byteSize,
  number: (text) => (/^\d{1,18}$/.test(text) ? Number(text) : undefined),
  seconds: (text) => ceiled(parseTimeSpan(text), 1_000),
  // A bare number is microseconds here.
  microseconds: (text) => (/^\d+$/.test(text) ? Number(text) : ceiled(parseTimeSpan(text), 0.001)),
  nice(text) {
    // A nice value has a sign; the limit is 20 less it.
    if (/^[+-]\d{1,2}$/.test(text)) return Number(text) >= -20 && Number(text) <= 19 ? 20 - Number(text) : undefined;
    return /^\d{1,2}$/.test(text) && Number(text) <= 40 ? Math.max(1, Number(text)) : undefined;
  },
};

function ceiled(ms: number | undefined, unitMs: number): number | undefined {
  return ms === undefined ? undefined : Math.ceil(Math.round(ms * 1_000) / (unitMs * 1_000));
}

function ioClass(value: string): IoClass | undefined {
  if (value === '') return undefined;
  const byNumber = Object.entries(IO_CLASSES).find(([, number]) => String(number) === value)?.[0];
  // SAFETY: the keys of a constant table.
  return keyword(byNumber ?? value, Object.keys(IO_CLASSES) as IoClass[], 'IO scheduling class');
}

function cpuPolicy(value: string): CpuPolicy | undefined {
  if (value === '') return undefined;
  // SAFETY: the keys of a constant table.
  return keyword(value, Object.keys(CPU_POLICIES) as CpuPolicy[], 'CPU scheduling policy');
}

function cpuAffinity(draft: { readonly service: { readonly exec: ExecSettings } }, value: string): void {
  const { cpuAffinity: chosen } = draft.service.exec;
  if (value === '') return chosen.clear();
  for (const word of value.split(/[\s,]+/)) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(word);
    if (match === null) throw new SyntaxError(`Failed to parse CPU affinity '${word}'`);
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (last > maxCpu) throw new SyntaxError(`Cannot add CPU ${last} to set: Numerical result out of range`);
    for (let cpu = first; cpu <= last; cpu += 1) chosen.add(cpu);
  }
}

function nanoseconds(value: string): number | undefined {
  if (value === '') return undefined;
  const nanos = /^(\d{1,18})\s*(ns|nsec)?$/.exec(value)?.[1];
  const ms = nanos === undefined ? parseTimeSpan(value) : Number(nanos) / 1_000_000;
  if (ms === undefined) throw new SyntaxError(`Failed to parse nsec value, ignoring: ${value}`);
  return Math.round(ms * 1_000_000);
}

/** `~` takes away; a first assignment that takes away does so from all. Unknown names are left out without a word, as there. */
function capabilities(before: ReadonlySet<string>, value: string, isFirst: boolean): Set<string> {
  if (value === '') return new Set();
  const isInverted = value.startsWith('~');
  if (value === '~') return new Set(CAPABILITIES);
  const words = value.slice(isInverted ? 1 : 0).split(/\s+/);
  const named = CAPABILITIES.filter((name) => words.some((word) => word.toUpperCase() === name));
  if (!isInverted) return new Set([...before, ...named]);
  const base = isFirst ? CAPABILITIES : [...before];
  return new Set(base.filter((name) => !named.includes(name)));
}

function syslogLevel(value: string): number {
  const byName = syslogLevels.findIndex((name) => name === value);
  if (byName !== -1) return byName;
  if (/^[0-7]$/.test(value)) return Number(value);
  throw new SyntaxError(`Failed to parse log level, ignoring: ${value}`);
}

function credential(value: string): { name: string; rest: string | undefined } {
  const colon = value.indexOf(':');
  const name = colon === -1 ? value : value.slice(0, colon);
  // systemd.exec(5): a short ASCII string that can be a file's name.
  if (!/^[\x21-\x7e]{1,255}$/.test(name) || name.includes('/') || name === '.' || name === '..')
    throw new SyntaxError(`Credential name "${name}" not valid, ignoring.`);
  return { name, rest: colon === -1 ? undefined : value.slice(colon + 1) };
}

/** C escapes of a value that is one text and not a list of words. */
function unescape(text: string): string {
  return text.replace(/\\(x[0-9a-fA-F]{2}|[0-3][0-7]{2}|.)/g, (whole, code: string) => {
    if (code.startsWith('x') && code.length === 3) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return { n: '\n', t: '\t', r: '\r', s: ' ', '\\': '\\', '"': '"', "'": "'" }[code] ?? whole;
  });
}

function ranged(
  value: string,
  range: { readonly min: number; readonly max: number; readonly problem: string },
): number {
  const number = /^[+-]?\d{1,9}$/.test(value) ? Number(value) : NaN;
  if (!(number >= range.min && number <= range.max)) throw new SyntaxError(`${range.problem}: ${value}`);
  return number;
}
