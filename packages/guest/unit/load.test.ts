import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { disableUnit, enableUnit, maskUnit, unitFileState, unmaskUnit } from './install.ts';
import { InstallError } from './install-links.ts';
import { loadUnit } from './load.ts';

let root = '';
let directories: string[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bhatti-units-'));
  directories = ['etc', 'run', 'lib'].map((name) => join(root, name));
  for (const directory of directories) mkdirSync(directory);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const link = (target: string, path: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
};
const load = (name: string) => {
  const definition = loadUnit(name, directories);
  if (definition === undefined) throw new Error(`no unit can be called ${name}`);
  return definition;
};
const service = '[Service]\nExecStart=/bin/true\n';

describe('a unit', () => {
  test('has a valid name or none', () => {
    for (const name of [
      'a',
      'a.txt',
      'a/b.service',
      '.service',
      'a b.service',
      `${'a'.repeat(300)}.service`,
      '@x.service',
    ])
      expect([name, loadUnit(name, directories)]).toEqual([name, undefined]);
    expect(load('nope.service').loadState).toBe('not-found');
  });

  test('is the file in the first directory that has one', () => {
    write('lib/a.service', '[Unit]\nDescription=lib\n' + service);
    expect(load('a.service').description).toBe('lib');
    write('run/a.service', '[Unit]\nDescription=run\n' + service);
    write('etc/a.service', '[Unit]\nDescription=etc\n' + service);
    expect(load('a.service')).toMatchObject({ description: 'etc', fragmentPath: join(root, 'etc/a.service') });
  });

  test('is changed by drop-ins of all its names, in the order of theirs', () => {
    write('lib/foo-bar@.service', '[Service]\nExecStart=/bin/one\nEnvironment=A=1 B=1\n');
    write('lib/foo-bar@.service.d/20-b.conf', '[Service]\nEnvironment=A=template\n');
    write('etc/foo-bar@x.service.d/10-a.conf', '[Service]\nExecStart=\nExecStart=/bin/two %i\n');
    write('lib/foo-.service.d/30-c.conf', '[Unit]\nDescription=from the dash\n');
    write('lib/service.d/00-all.conf', '[Service]\nEnvironment=B=all\n');
    write('lib/foo-bar@x.service.d/20-b.conf', '[Service]\nEnvironment=A=instance\n');
    const definition = load('foo-bar@x.service');
    expect(definition.service?.execStart.map(({ argv }) => argv)).toEqual([['/bin/two', 'x']]);
    expect(Object.fromEntries(definition.service?.environment ?? [])).toEqual({ A: 'instance', B: 'all' });
    expect(definition.description).toBe('from the dash');
    expect(definition.dropInPaths.map((path) => path.slice(root.length))).toEqual([
      '/lib/service.d/00-all.conf',
      '/etc/foo-bar@x.service.d/10-a.conf',
      '/lib/foo-bar@x.service.d/20-b.conf',
      '/lib/foo-.service.d/30-c.conf',
    ]);
  });

  test('is masked by a link to /dev/null or an empty file', () => {
    write('lib/a.service', service);
    link('/dev/null', 'etc/a.service');
    write('etc/b.service', '');
    expect([load('a.service').loadState, load('b.service').loadState]).toEqual(['masked', 'masked']);
  });

  test('has all the names that lead to it', () => {
    write('lib/real.service', service);
    link(join(root, 'lib/real.service'), 'etc/alias.service');
    link(join(root, 'etc/alias.service'), 'etc/second.service');
    expect(load('second.service')).toMatchObject({
      name: 'real.service',
      names: new Set(['second.service', 'alias.service', 'real.service']),
    });
  });

  test('that is a circle of links is an error and not an endless search', () => {
    link(join(root, 'etc/b.service'), 'etc/a.service');
    link(join(root, 'etc/a.service'), 'etc/b.service');
    expect(['not-found', 'error']).toContain(load('a.service').loadState);
  });

  test('is pulled in by links', () => {
    write('lib/a.service', service);
    link('../a.service', 'etc/multi-user.target.wants/a.service');
    link('../b.service', 'lib/a.service.requires/b.service');
    expect(load('default.target').name).toBe('multi-user.target');
    expect([...load('multi-user.target').dependencies.Wants]).toContain('a.service');
    expect([...load('a.service').dependencies.Requires]).toContain('b.service');
  });

  test('is refused whole for what systemd refuses', () => {
    const refused = {
      'none.service': '[Service]\n',
      'two.service': '[Service]\nExecStart=/bin/a\nExecStart=/bin/b\n',
      'again.service': '[Service]\nType=oneshot\nRestart=always\nExecStart=/bin/a\n',
      'stop.service': '[Service]\nExecStop=/bin/a\n',
    };
    for (const [name, text] of Object.entries(refused)) {
      write(`etc/${name}`, text);
      expect([name, load(name).loadState]).toEqual([name, 'bad-setting']);
    }
    write('etc/fine.service', '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStop=/bin/a\n');
    expect(load('fine.service').loadState).toBe('loaded');
  });

  test('resets a list by an empty assignment, but no dependencies', () => {
    write(
      'etc/a.service',
      '[Unit]\nAfter=x.service\nAfter=\n[Service]\nExecStart=/bin/a\nExecStart=\nExecStart=/bin/b\nEnvironment=A=1\nEnvironment=\n',
    );
    const definition = load('a.service');
    expect(definition.service?.execStart.map(({ path }) => path)).toEqual(['/bin/b']);
    expect(definition.service?.environment.size).toBe(0);
    expect([...definition.dependencies.After]).toContain('x.service');
  });

  test('goes on without lines that are wrong, and says which', () => {
    write(
      'etc/a.service',
      '[Service]\nType=nonsense\nRestartSec=soon\nNope=1\nExecStart=-rel/ative\nExecStart=-/bin/a "\nExecStart=/bin/a\nSystemCallFilter=@system-service\n[Timer]\nX=1\n[What]\nY=1\n',
    );
    const definition = load('a.service');
    expect(definition.loadState).toBe('loaded');
    expect(definition.warnings.map((line) => line.slice(line.indexOf(':') + 1).split(':', 1)[0])).toEqual([
      // Sections are looked at before what is in them.
      '11',
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);
    expect(definition.ignored).toEqual(['Service.SystemCallFilter', 'Timer.X']);
  });

  test('is not started with a command that is none', () => {
    const broken = {
      'bin/foo': 'Neither a valid executable name nor an absolute path: bin/foo',
      '/bin/': 'Executable path specifies a directory: /bin/',
      '/bin/echo "a': 'Unbalanced quoting, ignoring: "/bin/echo "a"',
      '@/bin/true': 'Empty executable name or zeroeth argument: @/bin/true',
      '+!/bin/true': 'Neither a valid executable name nor an absolute path: !/bin/true',
      '%Z': "Failed to resolve unit specifiers in '%Z': Invalid slot",
      '/bin/true %Z': 'Failed to resolve unit specifiers in %Z: Invalid slot',
      '/bin/tr\u0001ue': 'Executable name contains special characters: /bin/tr\u0001ue',
    };
    for (const [command, warning] of Object.entries(broken)) {
      write('etc/a.service', `[Service]\nExecStart=${command}\n`);
      expect(load('a.service')).toMatchObject({
        loadState: 'bad-setting',
        warnings: [
          `${join(root, 'etc/a.service')}:2: ${warning}`,
          'a.service: Unit configuration has fatal error, unit will not be started.',
        ],
      });
    }
  });

  test('whose file makes no sense is an error, and says where', () => {
    write('etc/a.service', '[Service\nExecStart=/bin/true\n');
    expect(load('a.service')).toMatchObject({
      loadState: 'error',
      loadError:
        'Unit a.service failed to load properly, please adjust/correct and reload service manager: Bad message',
      warnings: [`${join(root, 'etc/a.service')}:1: Invalid section header '[Service'`],
    });
    writeFileSync(join(root, 'etc/a.service'), Buffer.from(`[Service]\nExecStart=/bin/true \xff\n`, 'latin1'));
    expect(load('a.service').loadError).toEndWith(': Invalid argument');
    write('etc/a.service', `${service}#${'x'.repeat(2 ** 24)}\n`);
    expect(load('a.service').loadState).toBe('error');
  });

  test('has a type by what it has, where none is written', () => {
    const type = (text: string) => {
      write('etc/a.service', `[Service]\n${text}\n`);
      return load('a.service').service?.type ?? load('a.service').warnings.at(-1);
    };
    expect(type('ExecStart=/bin/true')).toBe('simple');
    expect(type('RemainAfterExit=yes\nExecStop=/bin/true')).toBe('oneshot');
    expect(type('BusName=a.b\nExecStart=/bin/true')).toBe('simple');
    write('etc/a.service', '[Service]\nType=dbus\nExecStart=/bin/true\n');
    expect(load('a.service')).toMatchObject({
      loadState: 'bad-setting',
      warnings: ['a.service: Service is of type D-Bus but no D-Bus service name has been specified. Refusing.'],
    });
  });

  test('of a later systemd is refused as this one refuses it', () => {
    write('etc/a.service', `[Service]\nType=notify-reload\nRestartMode=direct\nExecStart=/bin/true\n`);
    expect(load('a.service').warnings).toEqual([
      `${join(root, 'etc/a.service')}:2: Failed to parse service type, ignoring: notify-reload`,
      `${join(root, 'etc/a.service')}:3: Unknown key 'RestartMode' in section [Service], ignoring.`,
    ]);
  });

  test('knows its names, its place and its system by specifiers', () => {
    write('lib/a-b@.service', `[Unit]\nDescription=%n %N %p %i %j %y %Y %d %t %%|%\n${service}`);
    const path = join(root, 'lib/a-b@.service');
    expect(load('a-b@c.service').description).toBe(
      `a-b@c.service a-b@c a-b c b ${path} ${dirname(path)} /run/credentials/a-b@c.service /run %|%`,
    );
    write('etc/a.service', `[Unit]\nDescription=%Z\nConditionPathExists=rel\nConditionNope=1\n${service}`);
    expect(load('a.service')).toMatchObject({
      description: 'a.service',
      conditions: [],
      warnings: [
        "Failed to resolve unit specifiers in '%Z', ignoring: Invalid slot",
        'ConditionPathExists= path is not absolute, ignoring: rel',
        "Unknown key 'ConditionNope' in section [Unit], ignoring.",
      ].map((warning, at) => `${join(root, 'etc/a.service')}:${at + 2}: ${warning}`),
    });
  });
});

describe('enabling', () => {
  const place = () => ({ directory: directories[0] ?? '', search: directories });
  const places = () => ({ persistent: directories[0] ?? '', runtime: directories[1] ?? '' });

  test('is refused where there is nothing to enable', () => {
    expect(() => enableUnit('nope.service', place())).toThrow(InstallError);
    write('lib/t@.service', service + '[Install]\nWantedBy=multi-user.target\n');
    expect(() => enableUnit('t@.service', place())).toThrow(InstallError);
    link('/dev/null', 'etc/masked.service');
    expect(() => enableUnit('masked.service', place())).toThrow(InstallError);
  });

  test('makes links and disabling takes them away', () => {
    write(
      'lib/a.service',
      service + '[Install]\nWantedBy=multi-user.target graphical.target\nAlias=b.service\nAlso=c.service\n',
    );
    write('lib/c.service', service + '[Install]\nRequiredBy=a.service\n');
    expect(
      enableUnit('a.service', place()).map((change) =>
        'path' in change ? change.path.slice(root.length) : change.kind,
      ),
    ).toEqual([
      '/etc/b.service',
      '/etc/multi-user.target.wants/a.service',
      '/etc/graphical.target.wants/a.service',
      '/etc/a.service.requires/c.service',
    ]);
    expect(enableUnit('a.service', place())).toEqual([]);
    expect(unitFileState(load('a.service'), 'a.service', places())).toBe('enabled');
    expect(unitFileState(load('b.service'), 'b.service', places())).toBe('alias');
    expect(disableUnit('a.service', place()).length).toBe(4);
    expect(unitFileState(load('a.service'), 'a.service', places())).toBe('disabled');
  });

  test('says of a unit without [Install] that there is nothing to do', () => {
    write('lib/a.service', service);
    expect(enableUnit('a.service', place())).toEqual([{ kind: 'no-install', unit: 'a.service' }]);
    expect(unitFileState(load('a.service'), 'a.service', places())).toBe('static');
  });

  test('of an instance links the template', () => {
    write('lib/t@.service', service + '[Install]\nWantedBy=multi-user.target\n');
    expect(enableUnit('t@x.service', place())).toEqual([
      {
        kind: 'symlink',
        path: join(root, 'etc/multi-user.target.wants/t@x.service'),
        target: join(root, 'lib/t@.service'),
      },
    ]);
  });

  test('leaves masks to mask and unmask', () => {
    write('lib/a.service', service);
    expect(maskUnit('a.service', place())).toHaveLength(1);
    expect(unitFileState(load('a.service'), 'a.service', places())).toBe('masked');
    expect(unmaskUnit('a.service', place())).toHaveLength(1);
    expect(unmaskUnit('a.service', place())).toEqual([]);
    write('etc/own.service', service);
    expect(() => maskUnit('own.service', place())).toThrow(InstallError);
  });
});
