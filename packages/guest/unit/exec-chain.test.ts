import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chainCommand, programLink, shellLink, type ExecLink } from './exec-chain.ts';
import { setprivCommand, unitPrivileges } from './unit-privileges.ts';
import { newUnitDraft } from './definition.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'bhatti-chain-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Runs it with the report on descriptor 3. */
function run(links: readonly ExecLink[], ...argv: string[]) {
  const { path, argv: all } = chainCommand(links, {
    unit: 'a\\x2db.service',
    program: '/bin/x',
    argv,
    reportFd: 3,
    marksPriority: true,
  });
  const reportPath = join(dir, 'report');
  const reportFd = openSync(reportPath, 'w');
  try {
    const { status, stdout } = spawnSync(path, all.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe', reportFd],
      encoding: 'utf8',
    });
    return { status, stdout, report: readFileSync(reportPath, 'utf8') };
  } finally {
    closeSync(reportFd);
  }
}

describe('a chain of steps', () => {
  const evil = '$(id) `id` ; exit 3 "\'\\';

  test('ends in the program, with its arguments as they were', () => {
    expect(run([], '/bin/echo', evil)).toEqual({ status: 0, stdout: `${evil}\n`, report: '' });
    const links = [
      shellLink('[ "$1" = "$2" ] || exit 9', evil, evil),
      shellLink(':'),
      programLink('/usr/bin/env', 'A=1'),
      shellLink('echo "$1 $A"', evil),
    ];
    expect(run(links, '/bin/echo', evil)).toEqual({ status: 0, stdout: `${evil} 1\n${evil}\n`, report: '' });
  });

  test('is one process all the way', () => {
    const links = [shellLink('echo $$'), programLink('/usr/bin/env'), shellLink('echo $$')];
    const [first, ...rest] = run(links, '/bin/sh', '-c', 'echo $$').stdout.trim().split('\n');
    expect(rest).toEqual([first ?? '', first ?? '']);
  });

  test('shares one shell where it can', () => {
    const { argv } = chainCommand([shellLink('a'), shellLink('b'), programLink('/p'), shellLink('c')], {
      unit: 'u',
      program: 'p',
      argv: ['/x'],
      reportFd: 3,
      marksPriority: false,
    });
    expect(argv.filter((word) => word === '/bin/sh').length).toBe(2);
  });

  test('tells of a step that fails as systemd does, and the program does not run', () => {
    const { status, stdout, report } = run(
      [shellLink("bhatti_fail 214 SETSCHEDULER 'It did not work' 'Operation not permitted'")],
      '/bin/echo',
      'ran',
    );
    expect({ status, stdout }).toEqual({ status: 214, stdout: '' });
    expect(report).toBe(
      '<3>a\\x2db.service: It did not work: Operation not permitted\n<3>a\\x2db.service: Failed at step SETSCHEDULER spawning /bin/x: Operation not permitted\n',
    );
  });

  test('leaves neither the report nor the shell’s own variables open', () => {
    const { stdout } = run([shellLink('cd /tmp')], '/bin/sh', '-c', 'ls /proc/self/fd; env | grep -c OLDPWD');
    expect(stdout).toBe('0\n1\n2\n3\n0\n');
  });
});

describe('privileges', () => {
  const here = { can: () => false, capabilities: new Set(['CAP_CHOWN', 'CAP_KILL', 'CAP_SYSLOG']) };
  const command = (change: (service: ReturnType<typeof newUnitDraft>['service']) => void, uid = 0) => {
    const { service } = newUnitDraft();
    change(service);
    return setprivCommand(unitPrivileges(service, { uid }, here), undefined);
  };

  test('that nobody wants to change need no program', () => {
    expect(command(() => {})).toEqual([]);
    // Nobody has this one here.
    expect(command(({ exec }) => void (exec.sandboxing.protectClock = true))).toEqual([]);
  });

  test('are what is asked of those that there are', () => {
    const change = ({ exec }: ReturnType<typeof newUnitDraft>['service']) => {
      exec.boundingCapabilities = new Set(['CAP_CHOWN', 'CAP_SYSLOG', 'CAP_SYS_ADMIN']);
      exec.ambientCapabilities = new Set(['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_ADMIN']);
      exec.sandboxing.protectKernelLogs = true;
      exec.secureBits.add('no-setuid-fixup').add('keep-caps');
    };
    expect(command(change, 1000)).toEqual([
      '/usr/bin/setpriv',
      '--bounding-set=-all,+chown',
      '--inh-caps=+chown',
      '--ambient-caps=+chown',
      '--securebits=+no_setuid_fixup',
      '--no-new-privs',
      '--',
    ]);
    expect(command(change)).not.toContain('--no-new-privs');
  });
});
