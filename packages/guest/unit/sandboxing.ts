import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { programLink, shellLink, type ExecLink } from './exec-chain.ts';
import type { SandboxingSettings } from './exec-settings.ts';
import { mountSteps, MOUNT_SCRIPT } from './mount-steps.ts';
import { privateTmpDirectories } from './private-tmp.ts';
import type { Namespace, SandboxAbilities } from './sandbox-ability.ts';
import { StepError } from './step-error.ts';

/** How a service's process gets its own view of the system. */
export interface SandboxView {
  /** Steps that are root's. */
  readonly links: readonly ExecLink[];
  /** Steps after the process has become the unit's user. */
  readonly userLinks: readonly ExecLink[];
  /** What the sandbox does not allow and the unit goes without, in systemd's words. */
  readonly warnings: readonly string[];
}

export interface ViewRequest {
  readonly unit: string;
  readonly sandboxing: SandboxingSettings;
  readonly abilities: SandboxAbilities;
  /** For what stands in for hidden files and devices. */
  readonly stageDir: string;
}

const noView: SandboxView = { links: [], userLinks: [], warnings: [] };

/**
 * As systemd does it in a container that may not mount: what only protects is gone without, silently; what would show the program other files than it expects ends it. Throws a StepError then.
 */
export function sandboxView({ unit, sandboxing, abilities, stageDir }: ViewRequest): SandboxView {
  if (!wantsView(sandboxing)) return noView;
  const { rootDirectory } = sandboxing;
  if (rootDirectory !== undefined && !existsSync(rootDirectory))
    throw new StepError(226, `Failed to set up mount namespacing: ${rootDirectory}`, 'No such file or directory');
  const wantsOwnMounts = wantsMounts(sandboxing);
  const canMount = wantsOwnMounts && abilities.can('mount');
  if (wantsOwnMounts && !canMount && isIndispensable(sandboxing))
    throw new StepError(226, 'Failed to set up mount namespacing', 'Operation not supported');
  const refused = optional.filter(({ key, namespace }) => sandboxing[key] && !abilities.can(namespace));
  const namespaces = optional
    .filter((each) => sandboxing[each.key] && !refused.includes(each))
    .map(({ namespace }) => namespace);
  // A namespace of users is the user's own to make.
  const rootNamespaces = namespaces.filter((name) => name !== 'user');
  const options = [
    ...(canMount ? ['--mount', '--propagation', 'slave'] : []),
    ...rootNamespaces.map((name) => `--${name}`),
  ];
  const privateTmp = canMount && sandboxing.privateTmp ? privateTmpDirectories(unit) : [];
  const steps = canMount ? mountSteps(sandboxing, privateTmp, stageDir) : [];
  return {
    links: [
      ...(options.length > 0 ? [programLink('/usr/bin/unshare', ...options, '--')] : []),
      ...(namespaces.includes('net') ? [shellLink('ip link set lo up 2>/dev/null')] : []),
      ...(steps.length > 0 ? [{ kind: 'shell', text: MOUNT_SCRIPT, args: [...steps.flat(), 'end'] } as const] : []),
    ],
    userLinks: namespaces.includes('user')
      ? [programLink('/usr/bin/unshare', '--user', '--map-current-user', '--')]
      : [],
    warnings: refused.map(({ refusal }) => `${unit}: ${refusal}`),
  };
}

/** Directives of a unit that this sandbox makes ineffective, for IgnoredDirectives. */
export function refusedDirectives(sandboxing: SandboxingSettings, abilities: SandboxAbilities): string[] {
  const asked = Object.entries(protective).filter(([, isAsked]) => isAsked(sandboxing));
  return [
    ...(asked.length > 0 && !abilities.can('mount') ? asked.map(([name]) => name) : []),
    ...optional.filter(({ key, namespace }) => sandboxing[key] && !abilities.can(namespace)).map(({ name }) => name),
  ];
}

/** Namespaces that a unit does without where it must. */
const optional: readonly {
  readonly key: 'privateNetwork' | 'privateIpc' | 'protectHostname' | 'privateUsers';
  readonly name: string;
  readonly namespace: Namespace;
  readonly refusal: string;
}[] = [
  {
    key: 'privateNetwork',
    name: 'PrivateNetwork',
    namespace: 'net',
    refusal: 'PrivateNetwork=yes is configured, but network namespace setup failed, ignoring: Operation not permitted',
  },
  {
    key: 'privateIpc',
    name: 'PrivateIPC',
    namespace: 'ipc',
    refusal: 'PrivateIPC=yes is configured, but IPC namespace setup failed, ignoring: Operation not permitted',
  },
  {
    key: 'protectHostname',
    name: 'ProtectHostname',
    namespace: 'uts',
    refusal:
      'ProtectHostname=yes is configured, but UTS namespace setup is prohibited (container manager?), ignoring namespace setup.',
  },
  {
    // systemd would fail the unit here; but Debian's own redis-server asks for it, and a sandbox is to run Debian's units.
    key: 'privateUsers',
    name: 'PrivateUsers',
    namespace: 'user',
    refusal: 'PrivateUsers=yes is configured, but user namespace setup failed, ignoring: Operation not permitted',
  },
];

/** Mounts that only take away. */
const protective: Readonly<Record<string, (sandboxing: SandboxingSettings) => boolean>> = {
  PrivateTmp: ({ privateTmp }) => privateTmp,
  PrivateDevices: ({ privateDevices }) => privateDevices,
  PrivateMounts: ({ privateMounts }) => privateMounts,
  ProtectSystem: ({ protectSystem }) => protectSystem !== 'no',
  ProtectHome: ({ protectHome }) => protectHome !== 'no',
  ProtectKernelTunables: ({ protectKernelTunables }) => protectKernelTunables,
  ProtectKernelModules: ({ protectKernelModules }) => protectKernelModules,
  ProtectKernelLogs: ({ protectKernelLogs }) => protectKernelLogs,
  ProtectControlGroups: ({ protectControlGroups }) => protectControlGroups,
  ReadOnlyPaths: ({ readOnlyPaths }) => readOnlyPaths.length > 0,
  ReadWritePaths: ({ readWritePaths }) => readWritePaths.length > 0,
  InaccessiblePaths: ({ inaccessiblePaths }) => inaccessiblePaths.length > 0,
  BindReadOnlyPaths: ({ bindMounts }) => bindMounts.some(({ isReadOnly }) => isReadOnly),
  BindPaths: ({ bindMounts }) => bindMounts.some(({ isReadOnly }) => !isReadOnly),
};

function wantsMounts(sandboxing: SandboxingSettings): boolean {
  return isIndispensable(sandboxing) || Object.values(protective).some((isAsked) => isAsked(sandboxing));
}

/** What shows the program other files than those at their places. */
function isIndispensable(sandboxing: SandboxingSettings): boolean {
  return (
    sandboxing.temporaryFileSystems.length > 0 ||
    sandboxing.bindMounts.some(({ source, destination }) => source !== destination) ||
    (sandboxing.rootDirectory !== undefined && sandboxing.mountApiVfs !== false)
  );
}

function wantsView(sandboxing: SandboxingSettings): boolean {
  const { rootDirectory, privateUsers } = sandboxing;
  return (
    rootDirectory !== undefined ||
    privateUsers ||
    optional.some(({ key }) => sandboxing[key]) ||
    wantsMounts(sandboxing)
  );
}

/** A path of the unit's as it is outside of its root directory. */
export function outsidePath({ rootDirectory }: SandboxingSettings, path: string): string {
  return rootDirectory === undefined ? path : join(rootDirectory, path);
}
