import type { Credentials } from '@bhatti/sys/process/thread-credentials.ts';
import { CAPABILITIES } from './capability-table.ts';
import type { ServiceSettings } from './definition.ts';
import type { SandboxingSettings } from './exec-settings.ts';
import type { SandboxAbilities } from './sandbox-ability.ts';

/** What a service's process gives up, and keeps in spite of its user. */
export interface UnitPrivileges {
  readonly noNewPrivileges: boolean;
  /** Undefined when the unit keeps all that root has here. */
  readonly bounding: readonly string[] | undefined;
  readonly ambient: readonly string[];
  readonly secureBits: readonly string[];
}

/** What systemd.exec(5) takes away together with a view of the system. */
const dropped: readonly (readonly [keyof SandboxingSettings, readonly string[]])[] = [
  ['privateDevices', ['CAP_MKNOD', 'CAP_SYS_RAWIO']],
  ['protectKernelModules', ['CAP_SYS_MODULE']],
  ['protectKernelLogs', ['CAP_SYSLOG']],
  ['protectClock', ['CAP_SYS_TIME', 'CAP_WAKE_ALARM']],
];

export function unitPrivileges(
  { exec }: ServiceSettings,
  { uid }: Pick<Credentials, 'uid'>,
  abilities: SandboxAbilities,
): UnitPrivileges {
  const { sandboxing } = exec;
  const taken = new Set(dropped.flatMap(([key, names]) => (sandboxing[key] === true ? names : [])));
  const possible = CAPABILITIES.filter((name) => abilities.capabilities.has(name));
  const kept = possible.filter(
    (name) => !taken.has(name) && (exec.boundingCapabilities === undefined || exec.boundingCapabilities.has(name)),
  );
  return {
    noNewPrivileges: exec.noNewPrivileges || (uid !== 0 && impliesNoNewPrivileges(sandboxing)),
    bounding: kept.length === possible.length ? undefined : kept,
    // Those that nobody has here are left out, as systemd leaves them out in a container.
    ambient: kept.filter((name) => exec.ambientCapabilities.has(name)),
    // `keep-caps` ends with execve(2) (capabilities(7)): there is nothing to set.
    secureBits: [...exec.secureBits].filter((bit) => bit !== 'keep-caps'),
  };
}

/** systemd.exec(5), NoNewPrivileges=: for units that do not run as root. */
function impliesNoNewPrivileges(sandboxing: SandboxingSettings): boolean {
  return (
    sandboxing.privateDevices ||
    sandboxing.protectKernelTunables ||
    sandboxing.protectKernelModules ||
    sandboxing.protectKernelLogs ||
    sandboxing.protectClock ||
    sandboxing.dynamicUser
  );
}

export function needsRootForPrivileges({ bounding, ambient, secureBits }: UnitPrivileges): boolean {
  return bounding !== undefined || ambient.length > 0 || secureBits.length > 0;
}

/** The call of setpriv(1) that does it and, when `become` is somebody, switches to him; empty when there is nothing to do. */
export function setprivCommand(privileges: UnitPrivileges, become: Credentials | undefined): string[] {
  const { noNewPrivileges, bounding, ambient, secureBits } = privileges;
  const options = [
    ...(become === undefined
      ? []
      : [
          `--reuid=${become.uid}`,
          `--regid=${become.gid}`,
          become.groups.length === 0 ? '--clear-groups' : `--groups=${become.groups.join(',')}`,
        ]),
    ...(bounding === undefined ? [] : [`--bounding-set=${['-all', ...bounding.map(added)].join(',')}`]),
    ...(ambient.length === 0
      ? []
      : [`--inh-caps=${ambient.map(added).join(',')}`, `--ambient-caps=${ambient.map(added).join(',')}`]),
    ...(secureBits.length === 0 ? [] : [`--securebits=${secureBits.map((bit) => `+${bitName(bit)}`).join(',')}`]),
    ...(noNewPrivileges ? ['--no-new-privs'] : []),
  ];
  return options.length === 0 ? [] : ['/usr/bin/setpriv', ...options, '--'];
}

function added(capability: string): string {
  return `+${capability.replace('CAP_', '').toLowerCase()}`;
}

function bitName(bit: string): string {
  return bit.replaceAll('-', '_');
}
