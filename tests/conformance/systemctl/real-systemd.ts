import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../support/until.ts';
import type { World } from './run-cases.ts';

// Kept between recordings: making it takes half a minute.
const root = process.env['BHATTI_SYSTEMD_ROOT'] ?? join(tmpdir(), 'bhatti-systemd-root');
const packages = ['systemd', 'systemd-sysv', 'procps', 'util-linux', 'perl-base'];

/** Debian's systemd as PID 1 of its own namespaces. Disposal ends everything in it and takes its directory and its control groups away. */
export class RealSystemd implements World, Disposable {
  readonly #pid: number;
  readonly #place: string;
  readonly #group: string;

  private constructor(pid: number, place: string, group: string) {
    this.#pid = pid;
    this.#place = place;
    this.#group = group;
  }

  static async boot(): Promise<RealSystemd> {
    await makeRoot();
    const place = mkdtempSync(join(tmpdir(), 'bhatti-systemd-'));
    const group = join(unifiedMount(), `bhatti-systemd-${process.pid}`);
    mkdirSync(group);
    const flags = ['--pid', '--fork', '--mount', '--uts', '--ipc', '--net', '--cgroup', '--propagation=private'];
    const script = `echo $$ >"$0/cgroup.procs"; exec unshare ${flags.join(' ')} sh "$1" "$2" "$3"`;
    Bun.spawn(['sh', '-c', script, group, join(import.meta.dir, 'boot-systemd.sh'), root, place], {
      stdio: ['ignore', 'ignore', 'ignore'],
    });
    const pid = await until(() => initPid(group));
    const systemd = new RealSystemd(pid, place, group);
    await until(
      async () => ['running', 'degraded'].includes((await systemd.exec('systemctl is-system-running')).stdout.trim()),
      async () => (await systemd.exec('systemctl is-system-running; systemctl list-jobs')).stdout,
      60_000,
    );
    await systemd.exec('systemctl reset-failed');
    return systemd;
  }

  async exec(script: string, stdin = '') {
    const child = Bun.spawn(
      [
        'nsenter',
        `--target=${this.#pid}`,
        '--mount',
        '--uts',
        '--ipc',
        '--net',
        '--pid',
        '--cgroup',
        '--root',
        '--wd',
        'sh',
        '-c',
        script,
      ],
      {
        env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', HOME: '/root' },
        stdio: [Buffer.from(stdin), 'pipe', 'pipe'],
      },
    );
    const [stdout, stderr, exitCode] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { exitCode, stdout, stderr };
  }

  [Symbol.dispose](): void {
    process.kill(this.#pid, 'SIGKILL');
    const groups = [
      this.#group,
      ...readdirSync(this.#group, { recursive: true, encoding: 'utf8' }).map((name) => join(this.#group, name)),
    ];
    for (const directory of groups.filter((path) => existsSync(join(path, 'cgroup.procs'))).toReversed())
      removeGroup(directory);
    rmSync(this.#place, { recursive: true });
  }
}

async function makeRoot(): Promise<void> {
  if (existsSync(join(root, 'lib/systemd/systemd'))) return;
  const unfinished = `${root}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  const child = Bun.spawn(
    ['mmdebstrap', '--variant=minbase', '--mode=root', `--include=${packages.join(',')}`, 'bookworm', unfinished],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  if ((await child.exited) !== 0) throw new Error('mmdebstrap failed');
  renameSync(unfinished, root);
}

/** PID 1 of the container by its number out here, once systemd has moved into the scope of its own. */
function initPid(group: string): number | undefined {
  const scope = join(group, 'init.scope', 'cgroup.procs');
  const pid = existsSync(scope) ? Number(readFileSync(scope, 'utf8').split('\n', 1)[0]) : 0;
  return pid > 0 ? pid : undefined;
}

/** Where the unified hierarchy is: all of /sys/fs/cgroup, or a part of it beside the old ones. */
function unifiedMount(): string {
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((mount) => mount.includes(' - cgroup2 '));
  const path = line?.split(' ')[4];
  if (path === undefined) throw new Error('there is no cgroup2 mount');
  return path;
}

/** It is busy until the last of its processes is gone. */
function removeGroup(path: string): void {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return rmdirSync(path);
    } catch (error) {
      if (attempt === 100) throw error; // expected before: EBUSY
      Bun.sleepSync(20);
    }
  }
}
