import { readFileSync } from 'node:fs';
import { hostname, release, version } from 'node:os';
import { getopt, UsageError, type OptionTable, type Parsed } from '../systemctl/getopt.ts';
import { parseEnvironmentFile } from '../unit/environment-file.ts';
import { fail, print } from './print.ts';

const table: OptionTable = {
  longs: {
    help: 'flag',
    version: 'flag',
    transient: 'flag',
    static: 'flag',
    pretty: 'flag',
    'no-ask-password': 'flag',
    host: 'value',
    machine: 'value',
    json: 'value',
  },
  shorts: { h: 'help', H: 'host', M: 'machine' },
};

/** hostnamectl: what this computer is called and what it is. The name is the sandbox's and is given by its host. */
export function main(args: readonly string[]): number {
  let parsed: Parsed;
  try {
    parsed = getopt('hostnamectl', args, table);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return fail(error.message);
  }
  const has = (name: string) => parsed.options.has(name);
  if (has('version')) return print('systemd 252 (bhatti)\n');
  if (has('help')) return print(usage);
  const [verb = has('static') || has('transient') || has('pretty') ? 'hostname' : 'status', ...words] = parsed.words;
  switch (verb) {
    case 'status':
      return print(has('json') ? `${JSON.stringify(machine())}\n` : statusText());
    case 'hostname':
      if (words.length > 0) return fail(renamed);
      if (has('pretty')) return print(`${machineInfo()['PRETTY_HOSTNAME'] ?? ''}\n`);
      return print(`${has('static') ? staticName() : hostname()}\n`);
    case 'set-hostname':
      return fail(words.length === 0 ? 'Too few arguments.' : renamed);
    case 'icon-name':
    case 'chassis':
    case 'deployment':
    case 'location':
      if (words.length > 0) return fail(`Could not set property: it is given by the sandbox's host`);
      return print(`${describe(verb)}\n`);
    default:
      return fail(`Unknown command verb ${verb}.`);
  }
}

const renamed = "Could not set static hostname: a sandbox is called as its host has named it ('bhatti create --name')";

function describe(what: 'icon-name' | 'chassis' | 'deployment' | 'location'): string {
  switch (what) {
    case 'icon-name':
      return machineInfo()['ICON_NAME'] ?? 'computer-container';
    case 'chassis':
      return machineInfo()['CHASSIS'] ?? 'container';
    case 'deployment':
      return machineInfo()['DEPLOYMENT'] ?? '';
    case 'location':
      return machineInfo()['LOCATION'] ?? '';
  }
}

function statusText(): string {
  const pretty = machineInfo()['PRETTY_HOSTNAME'];
  const rows: (readonly [string, string])[] = [
    ['Static hostname', staticName()],
    ...(pretty === undefined ? [] : [['Pretty hostname', pretty] as const]),
    ['Icon name', describe('icon-name')],
    ['Chassis', `${describe('chassis')} ☐`],
    ...(['Deployment', 'Location'] as const).flatMap((title) => {
      const value = describe(title === 'Deployment' ? 'deployment' : 'location');
      return value === '' ? [] : [[title, value] as const];
    }),
    ['Machine ID', firstLine('/etc/machine-id')],
    ['Boot ID', firstLine('/proc/sys/kernel/random/boot_id').replaceAll('-', '')],
    ['Virtualization', 'container-other'],
    ['Operating System', osRelease()['PRETTY_NAME'] ?? ''],
    ['Kernel', `Linux ${release()}`],
    ['Architecture', architecture()],
  ];
  return rows.map(([title, value]) => `${title.padStart('Operating System'.length)}: ${value}\n`).join('');
}

/** The names are those of hostnamed's properties. */
function machine(): Record<string, string | null> {
  return {
    Hostname: hostname(),
    StaticHostname: staticName(),
    PrettyHostname: machineInfo()['PRETTY_HOSTNAME'] ?? null,
    IconName: describe('icon-name'),
    Chassis: describe('chassis'),
    Deployment: describe('deployment') || null,
    Location: describe('location') || null,
    KernelName: 'Linux',
    KernelRelease: release(),
    KernelVersion: version(),
    OperatingSystemPrettyName: osRelease()['PRETTY_NAME'] ?? null,
    OperatingSystemHomeURL: osRelease()['HOME_URL'] ?? null,
  };
}

function architecture(): string {
  return process.arch === 'x64' ? 'x86-64' : process.arch;
}

function staticName(): string {
  return firstLine('/etc/hostname') || hostname();
}

function machineInfo(): Record<string, string> {
  return parseEnvironmentFile(tryRead('/etc/machine-info'));
}

function osRelease(): Record<string, string> {
  return parseEnvironmentFile(tryRead('/etc/os-release'));
}

function firstLine(path: string): string {
  return tryRead(path).split('\n', 1)[0] ?? '';
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // expected: most machines have no machine-info
  }
}

const usage = `hostnamectl [OPTIONS...] COMMAND ...

Query the system hostname.

  status                 Show current hostname settings
  hostname               Get the system hostname
  icon-name              Get the icon name of the host
  chassis                Get the chassis type of the host
  deployment             Get the deployment environment of the host
  location               Get the location of the host
`;
