import { expect, test } from 'bun:test';
import { newUnitDraft, type RestartPolicy } from './definition.ts';
import type { ServiceResult } from './service-record.ts';
import { formatExit, resultOfExit, shouldRestart } from './service-result.ts';

const exited = (exitCode: number) => ({ exitCode, signal: undefined });
const killed = (signal: string) => ({ exitCode: undefined, signal });

test('an exit means what systemd.service(5) says', () => {
  expect(resultOfExit(exited(0), 'daemon')).toBe('success');
  expect(resultOfExit(exited(1), 'daemon')).toBe('exit-code');
  expect(resultOfExit(killed('SIGTERM'), 'daemon')).toBe('success');
  expect(resultOfExit(killed('SIGTERM'), 'command')).toBe('signal');
  expect(resultOfExit(killed('SIGKILL'), 'daemon')).toBe('signal');
  expect(resultOfExit(killed('SIGSEGV'), 'daemon')).toBe('core-dump');
  expect(resultOfExit(exited(7), 'daemon', { codes: new Set([7]), signals: new Set() })).toBe('success');
  expect(resultOfExit({ exitCode: undefined, signal: undefined }, 'daemon')).toBe('exit-code');
});

test('restarts follow the table of systemd.service(5)', () => {
  const table: Record<RestartPolicy, ServiceResult[]> = {
    no: [],
    always: ['success', 'exit-code', 'signal', 'core-dump', 'timeout', 'watchdog'],
    'on-success': ['success'],
    'on-failure': ['exit-code', 'signal', 'core-dump', 'timeout', 'watchdog'],
    'on-abnormal': ['signal', 'core-dump', 'timeout', 'watchdog'],
    'on-abort': ['signal', 'core-dump'],
    'on-watchdog': ['watchdog'],
  };
  const results: ServiceResult[] = [
    'success',
    'exit-code',
    'signal',
    'core-dump',
    'timeout',
    'watchdog',
    'exec-condition',
  ];
  for (const [policy, restarting] of Object.entries(table)) {
    const { service } = newUnitDraft();
    // SAFETY: the keys of the table above.
    service.restart = policy as RestartPolicy;
    expect([policy, results.filter((result) => shouldRestart(service, result, undefined))]).toEqual([
      policy,
      restarting,
    ]);
  }
});

test('exits are printed as systemctl prints them', () => {
  expect(formatExit(exited(0), 'status')).toBe('code=exited, status=0/SUCCESS');
  expect(formatExit(exited(203), 'status')).toBe('code=exited, status=203/EXEC');
  expect(formatExit(exited(3), 'status')).toBe('code=exited, status=3');
  expect(formatExit(exited(3), 'message')).toBe('code=exited, status=3/NOTIMPLEMENTED');
  expect(formatExit(exited(42), 'message')).toBe('code=exited, status=42/n/a');
  expect(formatExit(killed('SIGTERM'), 'status')).toBe('code=killed, signal=TERM');
  expect(formatExit(killed('SIGTERM'), 'message')).toBe('code=killed, status=15/TERM');
  expect(formatExit(killed('SIGABRT'), 'message')).toBe('code=dumped, status=6/ABRT');
  expect(formatExit({ ...killed('SIGABRT'), hasCore: false }, 'message')).toBe('code=killed, status=6/ABRT');
});
