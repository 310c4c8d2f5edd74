import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newUnitDraft } from './definition.ts';
import { chainCommand } from './exec-chain.ts';
import type { SandboxingSettings } from './exec-settings.ts';
import { removePrivateTmp } from './private-tmp.ts';
import { readSandboxAbilities, type SandboxAbilities } from './sandbox-ability.ts';
import { refusedDirectives, sandboxView } from './sandboxing.ts';

const here = readSandboxAbilities();
const why = here.can('mount') && process.getuid?.() === 0 ? undefined : 'no mount namespaces';
const nothing: SandboxAbilities = { can: () => false, capabilities: new Set() };
const unit = 'view-test.service';

let dir = '';
beforeEach(() => {
  // As lohar's own: where no private /tmp hides it.
  dir = mkdtempSync(join(process.getuid?.() === 0 ? '/run' : tmpdir(), 'bhatti-view-'));
});
afterEach(() => {
  removePrivateTmp(unit);
  rmSync(dir, { recursive: true, force: true });
});

function settings(changes: Partial<SandboxingSettings>): SandboxingSettings {
  return { ...newUnitDraft().service.exec.sandboxing, ...changes };
}

/** What a script sees there; `around` is a command that runs another. */
function see(changes: Partial<SandboxingSettings>, script: string, around: readonly string[] = []) {
  const view = sandboxView({ unit, sandboxing: settings(changes), abilities: here, stageDir: join(dir, 'stage') });
  const argv = ['/bin/sh', '-c', script, 'sh', dir];
  const report = join(dir, 'report');
  const reportFd = openSync(report, 'w+');
  try {
    const chained = chainCommand(view.links, { unit, program: '/bin/sh', argv, reportFd: 3, marksPriority: false });
    const [path = '', ...words] = [...around, chained.path, ...chained.argv.slice(1)];
    const { status, stdout } = spawnSync(path, words, {
      stdio: ['ignore', 'pipe', 'pipe', reportFd],
      encoding: 'utf8',
      cwd: '/',
    });
    return { status, stdout, report: readFileSync(report, 'utf8') };
  } finally {
    closeSync(reportFd);
  }
}

const listed = (...paths: string[]) => paths.map((path) => ({ path, isOptional: false }));

describe.skipIf(why !== undefined)(`a view of the system of one's own${why === undefined ? '' : ` (${why})`}`, () => {
  test('has read-only paths, writable ones in them, and hidden ones', () => {
    for (const name of ['a', 'a/b', 'a/c']) mkdirSync(join(dir, name));
    writeFileSync(join(dir, 'a/file'), 'secret');
    const { stdout } = see(
      {
        readOnlyPaths: listed(join(dir, 'a')),
        readWritePaths: listed(join(dir, 'a/b')),
        inaccessiblePaths: listed(join(dir, 'a/c'), join(dir, 'a/file')),
      },
      'cd "$1"; touch a/x 2>/dev/null || echo read-only; touch a/b/x && echo writable; ls -A a/c; cat a/file; mkdir a/c/x 2>/dev/null || echo hidden',
    );
    expect(stdout).toBe('read-only\nwritable\nhidden\n');
  });

  test('protects the system in three strengths', () => {
    const probe = `for place in /usr /etc /var/tmp "$1"; do touch $place/.probe-$$ 2>/dev/null && { rm $place/.probe-$$; echo $place; }; done; : >/dev/null && echo devices`;
    expect(see({ protectSystem: 'yes' }, probe).stdout).toBe(`/etc\n/var/tmp\n${dir}\ndevices\n`);
    expect(see({ protectSystem: 'full' }, probe).stdout).toBe(`/var/tmp\n${dir}\ndevices\n`);
    expect(see({ protectSystem: 'strict' }, probe).stdout).toBe('devices\n');
    expect(see({ protectSystem: 'strict', readWritePaths: listed(dir) }, probe).stdout).toBe(`${dir}\ndevices\n`);
  });

  test('has homes that are empty, and a /tmp that is the same for all its commands', () => {
    expect(see({ protectHome: 'tmpfs' }, 'ls -A /root; touch /root/x 2>/dev/null || echo empty').stdout).toBe(
      'empty\n',
    );
    expect(see({ privateTmp: true }, 'ls -A /tmp /var/tmp; echo kept >/tmp/note; stat -c %a /tmp').stdout).toBe(
      '/tmp:\n\n/var/tmp:\n1777\n',
    );
    expect(see({ privateTmp: true }, 'cat /tmp/note').stdout).toBe('kept\n');
    expect(see({}, '[ -e /tmp/note ] || echo elsewhere').stdout).toBe('elsewhere\n');
  });

  test('has files at other places', () => {
    mkdirSync(join(dir, 'source'));
    writeFileSync(join(dir, 'source/file'), 'bound\n');
    const bind = { source: join(dir, 'source'), isOptional: false, isRecursive: true };
    const { stdout } = see(
      {
        temporaryFileSystems: [{ path: '/opt', options: 'ro,mode=0700' }],
        bindMounts: [
          { ...bind, destination: join(dir, 'rw'), isReadOnly: false },
          { ...bind, destination: join(dir, 'ro'), isReadOnly: true },
          { source: '/no/such', destination: '/mnt', isOptional: true, isRecursive: true, isReadOnly: false },
        ],
      },
      'cd "$1"; cat rw/file; touch rw/x && touch ro/x 2>/dev/null || echo read-only; stat -c %a /opt; touch /opt/x 2>/dev/null || echo read-only',
    );
    expect(stdout).toBe('bound\nread-only\n700\nread-only\n');
  });

  test('has devices that are nothing but themselves, and kernel files that cannot be written', () => {
    const { stdout } = see(
      { privateDevices: true, protectKernelTunables: true, protectControlGroups: true },
      'echo /dev/*; : >/dev/null && head -c 1 /dev/urandom >/dev/null && echo fine; sh -c "echo 1 >/proc/sys/kernel/printk" 2>/dev/null || echo read-only; mkdir /sys/fs/cgroup/x 2>/dev/null || echo read-only',
    );
    expect(stdout).toMatch(/\/dev\/full .*\/dev\/null .*\/dev\/zero/);
    expect(stdout).not.toMatch(/kmsg|vda|sda|loop/);
    expect(stdout).toEndWith('fine\nread-only\nread-only\n');
  });

  test('has a network, a host name and semaphores that nobody shares', () => {
    const { stdout } = see(
      { privateNetwork: true, protectHostname: true, privateIpc: true },
      'for kind in net uts ipc; do readlink /proc/self/ns/$kind; done; ls /sys/class/net >/dev/null; grep -c . /proc/net/dev',
    );
    for (const kind of ['net', 'uts', 'ipc'])
      expect(stdout).not.toContain(
        spawnSync('readlink', [`/proc/self/ns/${kind}`], { encoding: 'utf8' }).stdout.trim(),
      );
    expect(stdout).toContain('\n3\n'); // two lines of head, and lo
  });

  test('ends at what is missing', () => {
    expect(() => see({ readOnlyPaths: listed('/no/such') }, '')).toThrow(
      'Failed to set up mount namespacing: /no/such: No such file or directory',
    );
    expect(see({ readOnlyPaths: [{ path: '/no/such', isOptional: true }] }, 'echo fine').stdout).toBe('fine\n');
  });

  test('ends with the step and status of systemd where a mount fails', () => {
    const { status, report } = see(
      { temporaryFileSystems: [{ path: join(dir, 'x'), options: 'nonsense=1' }] },
      'echo no',
    );
    expect(status).toBe(226);
    expect(report).toStartWith(
      `${unit}: Failed to set up mount namespacing: ${join(dir, 'x')}: Operation not permitted\n`,
    );
    expect(report).toContain(`${unit}: Failed at step NAMESPACE spawning /bin/sh`);
  });

  test('leaves no mount behind', () => {
    // In a namespace where nobody else mounts anything, and which would see what is mounted below it.
    const apart = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c'];
    const lookTwice =
      'mount --make-rshared / && cat /proc/self/mountinfo >"$0/before" && "$@" && cat /proc/self/mountinfo >"$0/after"';
    const strict = { protectSystem: 'strict', privateTmp: true, privateDevices: true, protectHome: 'yes' } as const;
    expect(see(strict, 'true', [...apart, lookTwice, dir]).status).toBe(0);
    const [before, after] = ['before', 'after'].map((name) => readFileSync(join(dir, name), 'utf8'));
    expect(before).toContain(' shared:');
    expect(after).toBe(before);
  });
});

describe('where nothing may be mounted', () => {
  const view = (changes: Partial<SandboxingSettings>) =>
    sandboxView({ unit, sandboxing: settings(changes), abilities: nothing, stageDir: '/nowhere' });

  test('what only protects is gone without', () => {
    const asked = settings({
      protectSystem: 'strict',
      privateTmp: true,
      readOnlyPaths: listed('/no/such'),
      privateNetwork: true,
    });
    expect(view(asked)).toEqual({
      links: [],
      userLinks: [],
      warnings: [
        `${unit}: PrivateNetwork=yes is configured, but network namespace setup failed, ignoring: Operation not permitted`,
      ],
    });
    expect(refusedDirectives(asked, nothing)).toEqual([
      'PrivateTmp',
      'ProtectSystem',
      'ReadOnlyPaths',
      'PrivateNetwork',
    ]);
  });

  test('what shows other files ends the process', () => {
    const bind = { source: '/etc', isReadOnly: true, isOptional: false, isRecursive: true };
    expect(() => view({ bindMounts: [{ ...bind, destination: '/mnt' }] })).toThrow(
      'Failed to set up mount namespacing: Operation not supported',
    );
    expect(view({ bindMounts: [{ ...bind, destination: '/etc' }] }).links).toEqual([]);
    expect(() => view({ rootDirectory: '/tmp' })).toThrow('Operation not supported');
    expect(view({ rootDirectory: '/tmp', mountApiVfs: false }).links).toEqual([]);
  });

  test('a namespace of users is gone without, where systemd would fail, since units of Debian ask for it', () => {
    const { userLinks, warnings } = view({ privateUsers: true });
    expect(userLinks).toEqual([]);
    expect(warnings.join()).toContain('PrivateUsers=yes is configured, but user namespace setup failed');
  });

  test('nobody is asked twice, and nobody at all where the capability is missing', () => {
    const asked: string[] = [];
    const probe = (name: string) => asked.push(name) > 0;
    const poor = readSandboxAbilities('CapEff:\t00000000a00c25fb\n', probe);
    expect([poor.can('mount'), poor.can('user'), poor.can('user')]).toEqual([false, true, true]);
    expect(poor.capabilities.has('CAP_CHOWN')).toBe(true);
    const rich = readSandboxAbilities('CapEff:\t000001ffffffffff\n', probe);
    expect(rich.can('mount')).toBe(true);
    expect(asked).toEqual(['user', 'mount']);
  });
});
