import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatCalendar } from './calendar.ts';
import type { UnitDefinition } from './definition.ts';
import { loadUnit } from './load.ts';
import { formatSocketAddress } from './socket-address.ts';
import type { PathSettings, SocketSettings, TimerSettings } from './trigger-settings.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bhatti-trigger-load-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function load(name: string, text: string): UnitDefinition {
  writeFileSync(join(directory, name), text);
  const definition = loadUnit(name, [directory]);
  if (definition === undefined) throw new Error(`no unit can be called ${name}`);
  return definition;
}

function settings<K extends TimerSettings | SocketSettings | PathSettings>(definition: UnitDefinition): K {
  // SAFETY: each test asks for what it has written.
  return definition.trigger as K;
}

/** `FILE:LINE: what`, without the directory. */
function warningsOf(definition: UnitDefinition): string[] {
  return definition.warnings.map((line) => line.replace(`${directory}/`, ''));
}

describe('a timer', () => {
  test('has the dependencies of systemd.timer(5)', () => {
    const { dependencies } = load('a.timer', '[Timer]\nOnCalendar=daily\nOnBootSec=1min 30s\n');
    expect([...dependencies.Triggers]).toEqual(['a.service']);
    expect([...dependencies.Before]).toEqual(['a.service', 'timers.target', 'shutdown.target']);
    expect([...dependencies.Requires]).toEqual(['sysinit.target']);
    expect([...dependencies.Conflicts]).toEqual(['shutdown.target']);
    expect([...dependencies.After]).toEqual(['sysinit.target', 'time-set.target', 'time-sync.target']);
    const early = load('b.timer', '[Unit]\nDefaultDependencies=no\n[Timer]\nOnBootSec=1\nUnit=other.target\n');
    expect([...early.dependencies.Before]).toEqual(['other.target']);
    expect([...early.dependencies.Requires]).toEqual([]);
  });

  test('forgets all its times by an empty one', () => {
    const { trigger } = load('a.timer', '[Timer]\nOnCalendar=daily\nOnBootSec=5\nOnActiveSec=\nOnCalendar=*:0/5\n');
    const values = trigger?.kind === 'timer' ? trigger.values : [];
    expect(values.map((value) => (value.kind === 'calendar' ? formatCalendar(value.spec) : value.base))).toEqual([
      '*-*-* *:00/5:00',
    ]);
  });

  test("says in systemd's words what it cannot read", () => {
    const definition = load(
      'a.timer',
      '[Timer]\nOnCalendar=foo bar\nOnActiveSec=xx\nOnBootSec=5\nUnit=a.timer\nPersistent=maybe\nWakeSystem=yes\n',
    );
    expect(definition.loadState).toBe('loaded');
    expect(warningsOf(definition)).toEqual([
      'a.timer:2: Failed to parse calendar specification, ignoring: foo bar',
      'a.timer:3: Failed to parse timer value, ignoring: xx',
      'a.timer:5: Units cannot trigger themselves, ignoring: a.timer',
      'a.timer:6: Failed to parse boolean value, ignoring: maybe',
    ]);
    expect(definition.ignored).toEqual(['Timer.WakeSystem']);
  });
});

describe('a socket', () => {
  test('reads addresses of every form, and names what is none', () => {
    const definition = load(
      'a.socket',
      '[Socket]\nListenStream=/run/%p.sock\nListenStream=@abstract\nListenStream=80\nListenDatagram=127.0.0.1:53\nListenStream=[0:0::1]:443\nListenStream=[fe80::1]:80%%eth0\nListenSequentialPacket=/run/seq\nListenFIFO=/run/fifo\nListenStream=300000\nListenStream=1.2.3\nListenStream=localhost:80\nListenSequentialPacket=127.0.0.1:5\nListenFIFO=relative\n',
    );
    const listen = settings<SocketSettings>(definition).listen;
    expect(listen.map(({ kind, address }) => `${formatSocketAddress(address)} (${kind})`)).toEqual([
      '/run/a.sock (Stream)',
      '@abstract (Stream)',
      '[::]:80 (Stream)',
      '127.0.0.1:53 (Datagram)',
      '[::1]:443 (Stream)',
      '[fe80::1]:80%eth0 (Stream)',
      '/run/seq (SequentialPacket)',
      '/run/fifo (FIFO)',
    ]);
    expect(warningsOf(definition)).toEqual([
      "a.socket:10: Failed to parse address value in '300000', ignoring: Numerical result out of range",
      "a.socket:11: Failed to parse address value in '1.2.3', ignoring: Invalid argument",
      "a.socket:12: Failed to parse address value in 'localhost:80', ignoring: Invalid argument",
      'a.socket:13: Address family not supported, ignoring: 127.0.0.1:5',
      'a.socket:14: Path is not absolute, ignoring: relative',
    ]);
  });

  test('runs its commands as [Socket] says', () => {
    const { exec } = settings<SocketSettings>(
      load(
        'a.socket',
        '[Socket]\nListenStream=/a\nUser=nobody\nExecStartPre=/bin/a\nExecStopPre=/bin/b\nType=simple\n',
      ),
    );
    expect(exec?.user).toBe('nobody');
    expect(exec?.execStartPre.map(({ path }) => path)).toEqual(['/bin/a']);
    expect(exec?.execStop.map(({ path }) => path)).toEqual(['/bin/b']);
  });

  test.each([
    ['', 'Unit has no Listen setting (ListenStream=, ListenDatagram=, ListenFIFO=, ...). Refusing.'],
    [
      'ListenDatagram=@a\nAccept=yes',
      'Unit configured for accepting sockets, but sockets are non-accepting. Refusing.',
    ],
    ['ListenStream=@a\nAccept=yes\nMaxConnections=0', 'MaxConnection= setting too small. Refusing.'],
    [
      'ListenStream=@a\nAccept=yes\nService=b.service',
      'Explicit service configuration for accepting socket units not supported. Refusing.',
    ],
    [
      'ListenStream=@a\nSymlinks=/run/a',
      'Unit has symlinks set but none or more than one node in the file system. Refusing.',
    ],
    ['ListenStream=/a\nListenUSBFunction=/b', 'ListenUSBFunction= is not supported here. Refusing.'],
  ])('with %j is refused', (lines, reason) => {
    const definition = load('a.socket', `[Socket]\n${lines}\n`);
    expect(definition.loadState).toBe('bad-setting');
    expect(definition.warnings.at(-1)).toBe(`a.socket: ${reason}`);
  });

  test('with Accept=yes triggers no unit by name; a service says whose sockets it takes', () => {
    expect([...load('a.socket', '[Socket]\nListenStream=@a\nAccept=yes\n').dependencies.Triggers]).toEqual([]);
    const service = load(
      'a.service',
      '[Service]\nExecStart=/bin/a\nSockets=x.socket y.socket\nStandardInput=socket\nNonBlocking=yes\n',
    );
    expect([...service.dependencies.Wants]).toEqual(['x.socket', 'y.socket']);
    // What comes in on a connection is answered on it.
    expect(service.service?.standardOutput).toEqual({ kind: 'inherit' });
    const written = load('b.service', '[Service]\nExecStart=/bin/a\nStandardInput=socket\nStandardOutput=journal\n');
    expect(written.service?.standardOutput).toEqual({ kind: 'journal' });
  });
});

describe('a path', () => {
  test('watches absolute paths, each in its way', () => {
    const definition = load(
      'a.path',
      '[Path]\nPathExists=/a//b/\nPathChanged=relative\nPathModified=/c/../d\nDirectoryNotEmpty=/e\nTriggerLimitBurst=x\n',
    );
    expect(settings<PathSettings>(definition).paths).toEqual([
      { kind: 'PathExists', path: '/a/b' },
      { kind: 'DirectoryNotEmpty', path: '/e' },
    ]);
    expect(warningsOf(definition)).toEqual([
      'a.path:3: PathChanged= path is not absolute, ignoring: relative',
      'a.path:4: PathModified= path is not normalized, ignoring: /c/../d',
      'a.path:6: Failed to parse unsigned value, ignoring: x',
    ]);
    expect([...definition.dependencies.Before]).toEqual(['a.service', 'paths.target', 'shutdown.target']);
    expect(load('b.path', '[Path]\nMakeDirectory=yes\n').warnings).toEqual([
      'b.path: Path unit lacks path setting. Refusing.',
    ]);
  });
});
