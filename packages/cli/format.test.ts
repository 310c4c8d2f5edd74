import { describe, expect, test } from 'bun:test';
import type { Sandbox } from '@bhatti/wire/control/sandbox.ts';

import { formatEntry } from './commands/file-ls.ts';
import { formatFindings } from './commands/doctor.ts';
import { formatSandbox } from './commands/sandbox-inspect.ts';
import { formatNarrow, formatWide } from './commands/sandbox-list.ts';
import { formatProgress } from './progress.ts';

const desk: Sandbox = {
  id: '0123456789abcdef',
  name: 'desk',
  status: 'running',
  thermal: 'hot',
  engine: 'container',
  ip: '10.107.0.2',
  image: 'computer',
  cpus: 2,
  memory_mb: 4096,
  disk_size_mb: 8192,
  keep_hot: false,
  labels: { team: 'a', tier: 'b' },
  urls: [],
  created_by: 'local',
  created_at: '2026-01-02T03:04:05.000Z',
};

describe('the list of sandboxes', () => {
  test('has the columns of the original at the positions that scripts cut at', () => {
    const [head = '', row = ''] = formatNarrow([desk]).split('\n');
    expect(head).toBe('NAME                 STATUS     THERMAL  IP');
    expect([row.slice(0, 4), row.slice(21, 28), row.slice(32, 35), row.slice(41)]).toEqual([
      'desk',
      'running',
      'hot',
      '10.107.0.2',
    ]);
  });

  test('has a column of URLs only where one has some, and dashes for what is not known', () => {
    const { thermal: _thermal, ip: _ip, ...stopped } = { ...desk, status: 'stopped' as const };
    const text = formatNarrow([stopped, { ...desk, urls: ['http://desk-3f9a1c.localhost:8080/'] }]);
    expect(text.split('\n').map((line) => line.slice(32))).toEqual([
      'THERMAL  IP               URL',
      '-        -',
      'hot      10.107.0.2       http://desk-3f9a1c.localhost:8080/',
    ]);
  });

  test('in its wide form adds sizes, image and labels', () => {
    expect(formatWide([desk])).toBe(
      [
        'NAME                 STATUS     THERMAL  IP               CPUS   MEMORY   DISK     IMAGE        LABELS',
        'desk                 running    hot      10.107.0.2       2      4096     8192     computer     team=a,tier=b',
      ].join('\n'),
    );
  });
});

test('an inspection shows fields, resources and network', () => {
  const text = formatSandbox({ ...desk, urls: ['http://x/'] }, { usedMb: 120, freeMb: 8072 });
  expect(text.split('\n')).toContain('Name:      desk');
  expect(text.split('\n')).toContain('  Disk:    8192 MB (120 MB used, 8072 MB free)');
  expect(text.split('\n')).toContain('  URL:  http://x/');
});

test('a directory entry shows kind, mode, size and name', () => {
  const entry = { name: 'notes', size: 4096, mode: '0755', is_dir: true, mtime: 0 };
  expect(formatEntry(entry)).toBe('d0755     4096 notes');
  expect(formatEntry({ ...entry, is_dir: false, mode: '0644', size: 7 })).toBe('-0644        7 notes');
});

test('a progress line never is wider than the terminal', () => {
  const event = {
    step: 'unpacking a package with quite a long name (1.2.3-4+deb12u5)',
    fraction: 0.25,
    elapsedMs: 12_400,
  };
  expect(formatProgress(event, 120)).toContain(`${'█'.repeat(6)}${'░'.repeat(18)}  25 %  12 s  unpacking`);
  for (const cols of [60, 80, 120]) expect(formatProgress(event, cols).length).toBeLessThan(cols);
  expect(formatProgress({ ...event, fraction: 7 }, 80)).toContain('100 %');
});

test('findings are aligned, and advice stands below what it is about', () => {
  expect(
    formatFindings([
      { subject: 'kernel', level: 'ok', found: 'Linux 6.1' },
      { subject: 'runc', level: 'missing', found: 'not installed', advice: 'apt-get install runc' },
    ]),
  ).toBe(
    ['ok      kernel  Linux 6.1', 'missing runc    not installed', '                → apt-get install runc'].join('\n'),
  );
});
