// What of ours is on this machine right now: mounts, loop devices, links, namespaces, nft tables, cgroups, processes. Tests compare before and after.
import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** One line for each thing, stable between two calls while the thing stays. */
export function findLeftovers(): string[] {
  return [
    ...mounts(),
    ...output(['losetup', '-nO', 'NAME,BACK-FILE']).filter(isOurs),
    ...links(),
    ...netns(),
    ...nftTables(),
    ...cgroups(),
    ...processes(),
  ];
}

const isOurs = (text: string) => /bhatti|\bbt[a-z0-9]{1,6}\b/.test(text);

function output(argv: readonly string[]): string[] {
  try {
    const result = Bun.spawnSync([...argv], { stdio: ['ignore', 'pipe', 'ignore'] });
    return result.stdout
      .toString()
      .split('\n')
      .filter((line) => line.trim() !== '');
  } catch {
    return []; // expected: the program is not installed, so it made nothing
  }
}

function mounts(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter(isOurs)
    .map((line) => `mount ${line.split(' ')[4]}`);
}

function links(): string[] {
  return output(['ip', '-br', 'link'])
    .map((line) => line.split(/[\s@]/)[0] ?? '')
    .filter((name) => name !== 'lo' && !/^(eth|en|docker|wl)/.test(name))
    .map((name) => `link ${name}`);
}

function netns(): string[] {
  return output(['ip', 'netns', 'list']).map((line) => `netns ${line.split(' ')[0]}`);
}

function nftTables(): string[] {
  return output(['nft', 'list', 'tables']);
}

function cgroups(): string[] {
  const found: string[] = [];
  for (const root of [
    '/sys/fs/cgroup',
    '/sys/fs/cgroup/unified',
    '/sys/fs/cgroup/memory',
    '/sys/fs/cgroup/pids',
    '/sys/fs/cgroup/freezer',
    '/sys/fs/cgroup/cpu',
  ]) {
    if (!existsSync(root)) continue;
    found.push(
      ...readdirSync(root)
        .filter(isOurs)
        .map((name) => `cgroup ${root}/${name}`),
    );
  }
  return found;
}

function processes(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        // An executable that was built anew is still the same process's.
        const exe = readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
        return /\/bhatti$|\/Xvnc$/.test(exe) ? [`process ${pid} ${exe}`] : [];
      } catch {
        return []; // expected: a kernel thread, or it ended meanwhile
      }
    });
}
