import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ListedPath, SandboxingSettings } from './exec-settings.ts';
import { StepError } from './step-error.ts';

/** One operation of MOUNT_SCRIPT with its two operands. */
export type MountStep = readonly [
  name: 'tmpfs' | 'bind' | 'bind-one' | 'ro' | 'rw' | 'hide' | 'devices',
  path: string,
  operand: string,
];

/**
 * Runs in the unit's own mount namespace: three parameters an operation, `end` after the last. What is read-only is so with all that is mounted below it; what is unmounted outside meanwhile goes here too.
 * Values reach mount(8) as arguments and are never part of this text. Nothing is noted in /run/mount, which may be read-only by then: mount(8) would say that it failed after it had mounted.
 */
export const MOUNT_SCRIPT = `mount() { command mount -n "$@"; }
bhatti_mounts() { findmnt -Rnro TARGET -- "$1" | while IFS= read -r target; do printf '%b\\n' "$target"; done; }
bhatti_own() { mountpoint -q -- "$1" || mount --rbind -- "$1" "$1"; }
bhatti_place() { if [ -d "$1" ]; then mkdir -p -- "$2"; elif [ ! -e "$2" ]; then mkdir -p -- "$(dirname -- "$2")" && : >"$2"; fi; }
bhatti_remount() {
bhatti_mounts "$2" | while IFS= read -r target; do
case "$3:$target" in api:/dev|api:/dev/*|api:/proc|api:/proc/*|api:/sys|api:/sys/*) continue ;; esac
mount -o "remount,bind,$1" -- "$target" || ! mountpoint -q -- "$target" || exit 1
done
}
bhatti_devices() {
mount -t tmpfs -o mode=755,nosuid,noexec tmpfs "$1" || return 1
for node in null zero full random urandom tty; do : >"$1/$node" && mount --bind "/dev/$node" "$1/$node" || return 1; done
for folder in pts shm mqueue; do [ ! -d "/dev/$folder" ] || { mkdir "$1/$folder" && mount --rbind "/dev/$folder" "$1/$folder"; } || return 1; done
ln -s pts/ptmx "$1/ptmx" && ln -s /proc/self/fd "$1/fd" && ln -s fd/0 "$1/stdin" && ln -s fd/1 "$1/stdout" && ln -s fd/2 "$1/stderr" || return 1
[ ! -L /dev/log ] || cp -P /dev/log "$1/log" || return 1
mount --move "$1" "$2"
}
bhatti_step() {
case $1 in
tmpfs) mkdir -p -- "$2" && mount -t tmpfs -o "$3" tmpfs "$2" ;;
bind) bhatti_place "$3" "$2" && mount --rbind -- "$3" "$2" ;;
bind-one) bhatti_place "$3" "$2" && mount --bind -- "$3" "$2" ;;
ro) bhatti_own "$2" && bhatti_remount ro "$2" "$3" ;;
rw) bhatti_own "$2" && mount -o remount,bind,rw -- "$2" ;;
hide) if [ -d "$2" ]; then mount --bind -- "$3/dir" "$2"; else mount --bind -- "$3/reg" "$2"; fi && mount -o remount,bind,ro,nosuid,nodev,noexec -- "$2" ;;
devices) bhatti_devices "$3" "$2" ;;
esac
}
while [ "$1" != end ]; do
bhatti_step "$1" "$2" "$3" 2>/dev/null || bhatti_fail 226 NAMESPACE "Failed to set up mount namespacing: $2" 'Operation not permitted'
shift 3
done
shift`;

const homes = ['/home', '/root', '/run/user'];
const vendorTrees = ['/usr', '/boot', '/efi'];
const tunables = ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus', '/proc/fs', '/sys'];

/** What the unit's mounts are made of, outer paths before those in them. A listed path that is missing ends the process unless a `-` stood before it. */
export function mountSteps(
  sandboxing: SandboxingSettings,
  privateTmp: readonly { readonly source: string; readonly destination: string }[],
  stageDir: string,
): MountStep[] {
  const hidden = join(stageDir, 'inaccessible');
  const deviceStage = join(stageDir, 'private-dev');
  prepareStages(hidden, deviceStage);
  const inside = (path: string) =>
    sandboxing.rootDirectory === undefined ? path : join(sandboxing.rootDirectory, path);
  const listed = (name: MountStep[0], paths: readonly ListedPath[]) =>
    paths.flatMap(({ path, isOptional }) => {
      if (existsSync(inside(path))) return [[name, inside(path), name === 'hide' ? hidden : ''] as const];
      if (isOptional) return [];
      throw missing(inside(path));
    });
  const known = (name: MountStep[0], paths: readonly string[]) =>
    listed(
      name,
      paths.map((path) => ({ path, isOptional: true })),
    );
  const steps: MountStep[] = [
    ...apiFileSystems(sandboxing),
    ...privateTmp.map(({ source, destination }) => ['bind', inside(destination), source] as const),
    ...(sandboxing.privateDevices ? [['devices', inside('/dev'), deviceStage] as const] : []),
    ...sandboxing.temporaryFileSystems.map(
      ({ path, options }) => ['tmpfs', inside(path), options === '' ? 'mode=755' : options] as const,
    ),
    ...bindSteps(sandboxing, inside),
    ...known('ro', protectedTrees(sandboxing)),
    ...(sandboxing.protectSystem === 'strict' ? [['ro', inside('/'), 'api'] as const] : []),
    ...homeSteps(sandboxing, known, inside),
    ...(sandboxing.protectKernelTunables ? known('ro', tunables) : []),
    ...(sandboxing.protectControlGroups ? known('ro', ['/sys/fs/cgroup']) : []),
    ...(sandboxing.protectKernelModules ? known('hide', ['/usr/lib/modules']) : []),
    ...(sandboxing.protectKernelLogs ? known('hide', ['/dev/kmsg', '/proc/kmsg']) : []),
    ...listed('ro', sandboxing.readOnlyPaths),
    ...listed('rw', sandboxing.readWritePaths),
    ...listed('hide', sandboxing.inaccessiblePaths),
  ];
  return steps.toSorted(([a, pathA], [b, pathB]) => depth(pathA) - depth(pathB) || order[a] - order[b]);
}

/** At one place: what is put there first, then what is taken away from it. */
const order: Readonly<Record<MountStep[0], number>> = {
  tmpfs: 0,
  bind: 1,
  'bind-one': 1,
  devices: 2,
  ro: 3,
  rw: 4,
  hide: 5,
};

function depth(path: string): number {
  return path === '/' ? 0 : path.split('/').length;
}

/** Nobody but root has anything to do with what is in place of hidden files. */
function prepareStages(hidden: string, deviceStage: string): void {
  mkdirSync(join(hidden, 'dir'), { recursive: true, mode: 0 });
  mkdirSync(deviceStage, { recursive: true, mode: 0o755 });
  if (!existsSync(join(hidden, 'reg'))) writeFileSync(join(hidden, 'reg'), '', { mode: 0 });
}

function missing(path: string): StepError {
  return new StepError(226, `Failed to set up mount namespacing: ${path}`, 'No such file or directory');
}

/** A root directory of one's own has none of these (systemd.exec(5), MountAPIVFS=). */
function apiFileSystems({ rootDirectory, mountApiVfs }: SandboxingSettings): MountStep[] {
  if (rootDirectory === undefined || mountApiVfs === false) return [];
  return [
    ...['/proc', '/sys', '/dev'].map((path) => ['bind', join(rootDirectory, path), path] as const),
    ['tmpfs', join(rootDirectory, 'run'), 'mode=755'],
  ];
}

function bindSteps({ bindMounts }: SandboxingSettings, inside: (path: string) => string): MountStep[] {
  return bindMounts.flatMap(({ source, destination, isOptional, isReadOnly, isRecursive }): MountStep[] => {
    if (statSync(source, { throwIfNoEntry: false }) === undefined) {
      if (isOptional) return [];
      throw missing(source);
    }
    const place = inside(destination);
    return [[isRecursive ? 'bind' : 'bind-one', place, source], ...(isReadOnly ? ([['ro', place, '']] as const) : [])];
  });
}

function protectedTrees({ protectSystem }: SandboxingSettings): string[] {
  if (protectSystem === 'yes') return vendorTrees;
  return protectSystem === 'full' ? [...vendorTrees, '/etc'] : [];
}

function homeSteps(
  { protectHome }: SandboxingSettings,
  known: (name: MountStep[0], paths: readonly string[]) => MountStep[],
  inside: (path: string) => string,
): MountStep[] {
  switch (protectHome) {
    case 'no':
      return [];
    case 'yes':
      return known('hide', homes);
    case 'read-only':
      return known('ro', homes);
    case 'tmpfs':
      return homes.filter((path) => existsSync(inside(path))).map((path) => ['tmpfs', inside(path), 'mode=755,ro']);
  }
}
