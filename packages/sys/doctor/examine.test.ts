import { describe, expect, test } from 'bun:test';
import { startOperation } from '@bhatti/base/operation.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { examineHost } from './examine.ts';
import { isKernelAtLeast, parseOsRelease } from './kernel.ts';
import { probePort } from './network.ts';

describe('the examination of a host', () => {
  test('answers every subject once, with advice wherever something is not in order', async () => {
    using op = startOperation({ timeoutMs: 20_000 });
    const findings = await examineHost(op, {
      dataDir: '/var/lib/bhatti',
      socket: '/nonexistent/bhatti.sock',
      listen: { host: '127.0.0.1', port: 0 },
    });
    const subjects = findings.map(({ subject }) => subject);
    expect(new Set(subjects).size).toBe(subjects.length);
    for (const wanted of [
      'root',
      'distribution',
      'kernel',
      'runc',
      'cgroups',
      'user namespaces',
      'nftables',
      'kvm',
      'disk',
    ])
      expect(subjects).toContain(wanted);
    expect(findings.filter(({ level, advice }) => level !== 'ok' && advice === undefined)).toEqual([]);
  });

  test('sees a daemon that runs, and a port that another program holds', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'bhatti-doctor-'));
    const socket = join(dir, 'bhatti.sock');
    const other = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
    const listen = { host: '127.0.0.1', port: other.port };
    expect((await probePort({ dataDir: dir, socket, listen })).found).toContain('another program listens');
    const daemon = Bun.serve({ unix: socket, fetch: () => Response.json({ status: 'ok', version: '9.9.9' }) });
    expect(await probePort({ dataDir: dir, socket, listen })).toEqual({
      subject: 'daemon',
      level: 'ok',
      found: 'running, version 9.9.9',
    });
    other.stop(true);
    await daemon.stop(true);
    rmSync(dir, { recursive: true });
  });
});

test('os-release is read with and without quotes', () => {
  expect(parseOsRelease('ID=debian\nVERSION_ID="12"\n# x\nNAME=\'A "b"\'\n')).toEqual({
    ID: 'debian',
    VERSION_ID: '12',
    NAME: 'A "b"',
  });
});

test('kernel versions are compared as numbers', () => {
  expect(isKernelAtLeast('6.1.0-13-amd64', [5, 19])).toBe(true);
  expect(isKernelAtLeast('5.19.0', [5, 19])).toBe(true);
  expect(isKernelAtLeast('5.9.1', [5, 19])).toBe(false);
  expect(isKernelAtLeast('10.0', [5, 19])).toBe(true);
});
