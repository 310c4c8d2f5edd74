import { describe, expect, test } from 'bun:test';
import { newUnitDraft, type UnitDraft } from './definition.ts';
import { DIRECTIVES } from './directive-table.ts';
import { groupLimits, unlimitedDirectives } from './resource-limits.ts';
import { parseUnitName } from './unit-name.ts';

const unit = parseUnitName('a@b.service') ?? expect.unreachable('a valid name');

/** A draft after these lines of [Service]. */
function read(...lines: string[]): UnitDraft['service'] {
  const draft = newUnitDraft();
  for (const line of lines) {
    const equals = line.indexOf('=');
    DIRECTIVES['Service']?.[line.slice(0, equals)]?.(draft, line.slice(equals + 1), unit);
  }
  return draft.service;
}

const limit = (line: string) => [...read(line).exec.limits.values()][0];
const G = 2 ** 30;

describe('limits of a process', () => {
  test.each([
    ['LimitNOFILE=100:200', 100, 200],
    ['LimitNOFILE=infinity', Infinity, Infinity],
    ['LimitAS=4G:16G', 4 * G, 16 * G],
    ['LimitFSIZE=1.5K', 1536, 1536],
    ['LimitCPU=1min 30s', 90, 90],
    ['LimitCPU=500ms', 1, 1],
    ['LimitRTTIME=20ms', 20_000, 20_000],
    ['LimitRTTIME=7', 7, 7],
    ['LimitNICE=-5', 25, 25],
    ['LimitNICE=+19', 1, 1],
    ['LimitNICE=0', 1, 1],
  ])('%s', (line, soft, hard) => expect(limit(line)).toEqual({ soft, hard }));

  test.each(['', 'x', '5:', '1:2:3', '-1', '5 5'])('are none in "%s"', (value) => {
    expect(() => read(`LimitNOFILE=${value}`)).toThrow(`Failed to parse resource value, ignoring: ${value}`);
  });

  test('have no soft one above the hard one', () => {
    expect(() => read('LimitNOFILE=2:1')).toThrow('Soft resource limit chosen higher than hard limit, ignoring: 2:1');
  });
});

describe('capabilities', () => {
  const bounding = (...lines: string[]) => read(...lines).exec.boundingCapabilities;

  test('are a set that lines add to, take from and reset', () => {
    expect(bounding()).toBeUndefined();
    expect([...(bounding('CapabilityBoundingSet=CAP_KILL cap_chown CAP_NONSENSE') ?? [])]).toEqual([
      'CAP_CHOWN',
      'CAP_KILL',
    ]);
    expect(bounding('CapabilityBoundingSet=~CAP_KILL')?.has('CAP_KILL')).toBe(false);
    expect(bounding('CapabilityBoundingSet=~CAP_KILL')?.size).toBe(40);
    expect([
      ...(bounding(
        'CapabilityBoundingSet=CAP_KILL',
        'CapabilityBoundingSet=CAP_CHOWN',
        'CapabilityBoundingSet=~CAP_KILL',
      ) ?? []),
    ]).toEqual(['CAP_CHOWN']);
    expect(bounding('CapabilityBoundingSet=')?.size).toBe(0);
    expect(bounding('CapabilityBoundingSet=~')?.size).toBe(41);
  });
});

describe('lists of paths', () => {
  test('keep their marks, and leave out one that is wrong', () => {
    const { sandboxing } = read('ReadOnlyPaths=/etc -/srv/ +/opt//x').exec;
    expect(sandboxing.readOnlyPaths).toEqual([
      { path: '/etc', isOptional: false },
      { path: '/srv', isOptional: true },
      { path: '/opt/x', isOptional: false },
    ]);
    const draft = newUnitDraft();
    expect(() => DIRECTIVES['Service']?.['ReadOnlyPaths']?.(draft, '/a rel /b ../c', unit)).toThrow(
      'ReadOnlyPaths= path is not absolute, ignoring: rel\nReadOnlyPaths= path is not absolute, ignoring: ../c',
    );
    expect(draft.service.exec.sandboxing.readOnlyPaths.map(({ path }) => path)).toEqual(['/a', '/b']);
  });

  test('of binds are reset together', () => {
    expect(read('BindPaths=/a:/b:norbind -/c', 'BindReadOnlyPaths=/d').exec.sandboxing.bindMounts).toEqual([
      { source: '/a', destination: '/b', isReadOnly: false, isOptional: false, isRecursive: false },
      { source: '/c', destination: '/c', isReadOnly: false, isOptional: true, isRecursive: true },
      { source: '/d', destination: '/d', isReadOnly: true, isOptional: false, isRecursive: true },
    ]);
    expect(read('BindPaths=/a', 'BindReadOnlyPaths=').exec.sandboxing.bindMounts).toEqual([]);
  });
});

describe('credentials and input', () => {
  test('have names, escapes and specifiers', () => {
    const { exec } = read(
      'SetCredential=a:x\\x20y\\n',
      'LoadCredential=b:/etc/%i',
      'LoadCredential=c',
      'StandardInputText=say \\"%i\\"\\ttwice',
    );
    expect([...exec.setCredentials]).toEqual([['a', 'x y\n']]);
    expect([...exec.loadedCredentials]).toEqual([
      ['b', '/etc/b'],
      ['c', 'c'],
    ]);
    expect(Buffer.concat(exec.inputData).toString()).toBe('say "b"\ttwice\n');
    expect(() => read('LoadCredential=../x:/y')).toThrow('Credential name "../x" not valid, ignoring.');
  });
});

describe('limits of a group', () => {
  const all = { capacity: () => ({ memoryBytes: 8 * G, tasks: 4_000 }) };
  const group = (...lines: string[]) =>
    Object.fromEntries(
      Object.entries(groupLimits(read(...lines).resources, all)).filter(([, value]) => value !== undefined),
    );

  test.each([
    ['MemoryMax=50%', { memoryMaxBytes: 4 * G }],
    ['MemoryMax=1G', { memoryMaxBytes: G }],
    ['MemoryLimit=infinity', { memoryMaxBytes: Infinity }],
    ['TasksMax=10%', { tasksMax: 400 }],
    ['CPUQuota=150%', { cpuQuota: 1.5 }],
    ['CPUWeight=idle', { cpuWeight: 'idle' }],
    ['CPUShares=2048', { cpuWeight: 200 }],
    ['OOMPolicy=kill', { killsWhole: true }],
  ])('%s', (line, expected) => expect(group(line)).toEqual(expected));

  test('end with an empty value', () => {
    expect(group('MemoryMax=1G', 'MemoryMax=', 'CPUQuota=5%', 'CPUQuota=', 'TasksMax=5', 'TasksMax=')).toEqual({});
  });

  test.each([
    ['MemoryMax=0', "Memory limit '0' out of range, ignoring."],
    ['MemoryMax=101%', "Invalid memory limit '101%', ignoring: Invalid argument"],
    ['TasksMax=0', "Maximum tasks value '0' out of range, ignoring."],
    ['CPUQuota=0', "Invalid CPU quota '0', ignoring."],
    ['CPUWeight=0', 'Invalid CPU weight, ignoring: 0'],
  ])('are refused as systemd refuses them: %s', (line, message) => expect(() => read(line)).toThrow(message));

  test('that this host does not know have no effect', () => {
    const { resources } = read('MemoryHigh=1G', 'MemoryMax=1G', 'TasksMax=5', 'CPUQuota=5%');
    expect(unlimitedDirectives(resources, { version: 1, controllers: new Set(['cpu', 'memory']) })).toEqual([
      'MemoryHigh',
      'TasksMax',
    ]);
    expect(unlimitedDirectives(resources, { version: 2, controllers: new Set(['cpu', 'memory', 'pids']) })).toEqual([]);
  });
});
