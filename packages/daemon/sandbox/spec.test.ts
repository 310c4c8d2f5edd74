import { describe, expect, test } from 'bun:test';
import { hasCode, type ErrorCode } from '@bhatti/base/errors.ts';
import { checkDesktopEnv } from './desktop-env.ts';
import { checkRequest, differences, newRow, type ImageTraits } from './spec.ts';

const minimal: ImageTraits = { name: 'minimal', desktop: false, defaultDiskMib: undefined };
const computer: ImageTraits = { name: 'computer', desktop: true, defaultDiskMib: undefined };
const made = {
  owner: 'local',
  image: minimal,
  defaults: { cpus: 1, memoryMib: 1024, diskMib: undefined },
  host: { memoryMib: 8000 },
  limits: undefined,
  now: new Date('2026-01-01T00:00:00Z'),
};

describe('a new row', () => {
  test('fills in what the request leaves out', () => {
    const row = newRow({}, made);
    expect(row).toMatchObject({
      image: 'minimal',
      cpus: 1,
      memoryMib: 1024,
      diskMib: 4096,
      env: {},
      labels: {},
      keepHot: false,
      wanted: 'creating',
    });
    expect(row.name).toMatch(/^sandbox-[0-9a-f]{6}$/);
    expect(row.createdAt).toBe('2026-01-01T00:00:00.000Z');
  });

  test('takes the disk from the request, then the configuration, then the image, then its kind', () => {
    const sized = { ...minimal, defaultDiskMib: 777 };
    const configured = { ...made.defaults, diskMib: 555 };
    expect(newRow({ disk_size_mb: 111 }, { ...made, image: sized, defaults: configured }).diskMib).toBe(111);
    expect(newRow({}, { ...made, image: sized, defaults: configured }).diskMib).toBe(555);
    expect(newRow({}, { ...made, image: sized }).diskMib).toBe(777);
    expect(newRow({}, { ...made, image: computer }).diskMib).toBe(8192);
  });

  test('is refused beyond the memory of the host, with what would fit', () => {
    expect(codeOf(() => newRow({ name: 'big', memory_mb: 8001 }, made))).toBe('INVALID_ARGUMENT');
    expect(newRow({ memory_mb: 8000 }, made).memoryMib).toBe(8000);
  });

  test('is refused beyond the owner’s limits', () => {
    const limits = { maxSandboxes: 1, maxCpus: 2, maxMemoryMib: 512 };
    expect(codeOf(() => newRow({ cpus: 2.5, memory_mb: 512 }, { ...made, limits }))).toBe('QUOTA_EXCEEDED');
    expect(codeOf(() => newRow({ memory_mb: 513 }, { ...made, limits }))).toBe('QUOTA_EXCEEDED');
    expect(newRow({ cpus: 2, memory_mb: 512 }, { ...made, limits }).cpus).toBe(2);
  });
});

describe('what a request asks for otherwise than it is', () => {
  const row = newRow({ name: 'desk', env: { A: '1' }, memory_mb: 512, labels: { x: 'y' } }, made);

  test('is nothing where it names nothing, or the same', () => {
    expect(differences({ name: 'desk' }, row)).toEqual([]);
    expect(
      differences(
        { name: 'desk', env: { A: '1' }, memory_mb: 512, image: 'minimal', cpus: 1, labels: { x: 'y' } },
        row,
      ),
    ).toEqual([]);
  });

  test('is named field by field', () => {
    expect(differences({ image: 'computer', memory_mb: 513, env: { A: '2' }, keep_hot: true }, row)).toEqual([
      'image',
      'memory_mb',
      'env',
      'keep_hot',
    ]);
  });
});

describe('checkRequest', () => {
  test('refuses files and labels that cannot be', () => {
    const file = (change: object) => ({ files: [{ guest_path: '/x', content: 'aGk=', ...change }] });
    expect(codeOf(() => checkRequest(file({})))).toBe('none');
    expect(codeOf(() => checkRequest(file({ mode: '0755' })))).toBe('none');
    for (const change of [
      { guest_path: 'x' },
      { guest_path: '/a\0b' },
      { mode: 'rwx' },
      { mode: '999' },
      { content: 'not base64!' },
    ])
      expect(codeOf(() => checkRequest(file(change)))).toBe('INVALID_ARGUMENT');
    const labels = (count: number) => ({
      labels: Object.fromEntries(Array.from({ length: count }, (_, at) => [`l${at}`, 'v'])),
    });
    expect(codeOf(() => checkRequest(labels(16)))).toBe('none');
    expect(codeOf(() => checkRequest(labels(17)))).toBe('INVALID_ARGUMENT');
    expect(codeOf(() => checkRequest({ env: { A: 'x\0y' } }))).toBe('INVALID_ARGUMENT');
  });
});

describe('checkDesktopEnv', () => {
  test('lets the page’s own example through, and what does not concern it', () => {
    expect(
      codeOf(() =>
        checkDesktopEnv({ DISPLAY_WIDTH: '1920', DISPLAY_HEIGHT: '1080', KASM_FRAMERATE: '30', OTHER: 'banana' }),
      ),
    ).toBe('none');
    for (const depth of ['16', '24', '32'])
      expect(codeOf(() => checkDesktopEnv({ DISPLAY_DEPTH: depth }))).toBe('none');
  });

  for (const [name, values] of Object.entries({
    DISPLAY_WIDTH: ['banana', '', '0', '-1', '1e3', '0x500', '1280.5', ' 1280', '99999'],
    DISPLAY_HEIGHT: ['199', '8193', '720p'],
    DISPLAY_DEPTH: ['8', '12', '24bit', '64'],
    KASM_FRAMERATE: ['0', '-60', '241', 'fast'],
    KASM_THREADS: ['0', 'all', '257', '0.5'],
  }))
    for (const value of values)
      test(`refuses ${name}="${value}" and names it`, () => {
        expect(() => checkDesktopEnv({ [name]: value })).toThrow(name);
      });
});

function codeOf(action: () => unknown): ErrorCode | 'none' {
  try {
    action();
  } catch (error) {
    for (const code of ['INVALID_ARGUMENT', 'QUOTA_EXCEEDED'] as const) if (hasCode(error, code)) return code;
    throw error;
  }
  return 'none';
}
