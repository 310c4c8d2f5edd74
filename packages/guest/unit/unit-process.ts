import type { AccountDatabase } from '@bhatti/sys/account.ts';
import type { DelegatedTree } from '@bhatti/sys/cgroup/delegated-tree.ts';
import type { Credentials } from '@bhatti/sys/process/thread-credentials.ts';
import type { TrackedGroup } from '@bhatti/sys/cgroup/tracked-group.ts';
import { realtimeUs } from '@bhatti/sys/clock.ts';
import { openPipe } from '@bhatti/sys/process/pipe.ts';
import { signalProcess, spawnWith } from '@bhatti/sys/process/spawn.ts';
import { guestRunDir } from '@bhatti/wire/guest-paths.ts';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { Journal } from '../journal/journal.ts';
import type { OutputStream } from '../journal/layout.ts';
import { expandArguments } from './command-line.ts';
import type { ExecCommand, ServiceSettings } from './definition.ts';
import { chainCommand, programLink, renameLink, shellLink, type ExecLink } from './exec-chain.ts';
import type { ManagerSettings } from './manager-settings.ts';
import { refusedFormat } from './program-format.ts';
import { attributeLinks, needsRootForAttributes } from './process-attributes.ts';
import { groupLimits, hasLimits } from './resource-limits.ts';
import type { SandboxAbilities } from './sandbox-ability.ts';
import { outsidePath, sandboxView } from './sandboxing.ts';
import { prepareCredentials } from './unit-credentials.ts';
import { prepareDirectories } from './unit-directories.ts';
import { unitEnvironment } from './unit-environment.ts';
import { gateLink, startAtGate, type GatedChild } from './unit-gate.ts';
import { ROOT, unitIdentity, type UnitIdentity } from './unit-identity.ts';
import { needsRootForPrivileges, setprivCommand, unitPrivileges } from './unit-privileges.ts';
import { reasonOf, StepError } from './step-error.ts';
import { openStreams, StreamFiles } from './unit-streams.ts';

const searchPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const firstFreeFd = 3;
const maxCommLength = 15; // the kernel's TASK_COMM_LEN without its NUL

export interface ProcessContext {
  readonly accounts: AccountDatabase;
  readonly journal: Journal;
  readonly settings: ManagerSettings;
  readonly tree: DelegatedTree;
  readonly abilities: SandboxAbilities;
}

export interface UnitProcessSpec {
  readonly unit: string;
  readonly settings: ServiceSettings;
  readonly command: ExecCommand;
  readonly stream: OutputStream;
  readonly group: TrackedGroup;
  /** INVOCATION_ID, MAINPID, NOTIFY_SOCKET, … */
  readonly env: Readonly<Record<string, string>>;
  /** Descriptors that the program finds at 3 and after it (sd_listen_fds(3)). */
  readonly passed: readonly number[];
  /** What `socket` means as a standard stream. */
  readonly sockets: readonly number[];
}

/** Starts one command of a service in its group, up to its gate. Throws a StepError that says which step failed. */
export function startUnitProcess(context: ProcessContext, spec: UnitProcessSpec): GatedChild {
  const { settings, command, unit, passed } = spec;
  const identity = unitIdentity(context.accounts, unit, settings);
  const credentials = command.fullPrivileges ? ROOT : identity.credentials;
  prepareDirectories(settings, identity.credentials);
  prepareCredentials(unit, settings.exec, identity.credentials);
  const manager = context.settings.environment;
  const env = unitEnvironment({ unit, settings, account: identity.account, manager, own: spec.env });
  const [name = command.path, ...args] = expandArguments(command, env);
  const path = findProgram(command.path, settings);
  const refusal = refusedFormat(path, (inside) => outsidePath(settings.exec.sandboxing, inside));
  if (refusal !== undefined) throw new StepError(203, `Failed to execute ${path}`, refusal);
  using files = new StreamFiles(() => context.journal.openOutput(unit, spec.stream, credentials.uid), spec.sockets);
  const streams = openStreams(settings, files);
  const plan = planSteps(context, { ...spec, identity, path, name, opensTerminal: streams.links.length > 0 });
  const gateFd = firstFreeFd + passed.length;
  const chained = chainCommand([gateLink(gateFd, passed.length, settings.umask), ...streams.links, ...plan.links], {
    unit,
    program: command.path,
    argv: [path, ...args],
    reportFd: gateFd + 1,
    marksPriority: settings.exec.syslogLevelPrefix,
  });
  makeGroup(context, spec, identity);
  const gate = openPipe(0, 0);
  const startedAtUs = realtimeUs(); // before its first word
  files.own(gate.readFd);
  const child = startAtGate(gate.writeFd, () =>
    spawnWith({ ...chained, env, cwd: '/', credentials: plan.startsAsRoot ? ROOT : credentials }, [
      ...streams.fds,
      ...passed,
      gate.readFd,
      files.journal(),
    ]),
  );
  joinGroup(spec.group, child);
  context.journal.spawned(unit, spec.stream, { startedAtUs, pid: child.pid, ...speakerOf(spec, credentials) });
  return child;
}

/** Makes the group with its limits. What the kernel does not take is told and gone without. */
function makeGroup(
  { journal, tree }: ProcessContext,
  { unit, settings, group }: UnitProcessSpec,
  { credentials }: UnitIdentity,
): void {
  group.create();
  const { resources } = settings;
  const limits = groupLimits(resources, tree);
  if (hasLimits(limits)) for (const problem of group.limit(limits)) journal.message(unit, `${unit}: ${problem}`, 4);
  if (resources.delegate && credentials.uid !== 0) group.delegateTo(credentials.uid, credentials.gid);
}

function joinGroup(group: TrackedGroup, { pid }: GatedChild): void {
  try {
    group.join(pid);
  } catch (error) {
    signalProcess(pid, 'SIGKILL');
    throw new StepError(219, `Failed to attach to cgroup ${group.name}`, reasonOf(error));
  }
}

interface PlanRequest extends UnitProcessSpec {
  readonly identity: UnitIdentity;
  /** Of the program, as it is found outside of a root directory. */
  readonly path: string;
  /** What it is called by. */
  readonly name: string;
  readonly opensTerminal: boolean;
}

/** Everything between the group and the program: as root where one of the steps is root's, else as the unit's user from the start. */
function planSteps(
  { abilities, journal }: ProcessContext,
  request: PlanRequest,
): { links: ExecLink[]; startsAsRoot: boolean } {
  const { unit, settings, command, identity } = request;
  const attributes = attributeLinks(settings, abilities);
  if (command.fullPrivileges) return { links: [...attributes, ...entryLinks(request)], startsAsRoot: true };
  const { sandboxing } = settings.exec;
  const view = sandboxView({ unit, sandboxing, abilities, stageDir: guestRunDir });
  for (const warning of view.warnings) journal.message(unit, warning, 4);
  const privileges = unitPrivileges(settings, identity.credentials, abilities);
  const startsAsRoot =
    request.opensTerminal ||
    view.links.length > 0 ||
    sandboxing.rootDirectory !== undefined ||
    needsRootForAttributes(settings, abilities) ||
    needsRootForPrivileges(privileges);
  const become = startsAsRoot && identity.credentials !== ROOT ? identity.credentials : undefined;
  const { rootDirectory } = sandboxing;
  const links =
    rootDirectory === undefined
      ? [...programOf(setprivCommand(privileges, become)), ...view.userLinks, ...entryLinks(request)]
      : [
          ...jailLinks(request, rootDirectory, become),
          ...programOf(setprivCommand(privileges, undefined)),
          ...view.userLinks,
          ...renameLinks(request),
        ];
  return { links: [...attributes, ...view.links, ...links], startsAsRoot };
}

function programOf(argv: readonly string[]): ExecLink[] {
  return argv.length === 0 ? [] : [programLink(...argv)];
}

/** As the unit's user: its directory, and whether it may run the program at all. */
function entryLinks(request: PlanRequest): ExecLink[] {
  return [...directoryLinks(request), executableLink(request.path), ...renameLinks(request)];
}

/** The program may be all there is in its root directory: what can be seen from outside is looked at before. */
function jailLinks(request: PlanRequest, root: string, become: Credentials | undefined): ExecLink[] {
  const options =
    become === undefined ? [] : [`--userspec=${become.uid}:${become.gid}`, `--groups=${become.groups.join(',')}`];
  return [
    executableLink(outsidePath(request.settings.exec.sandboxing, request.path)),
    programLink('/usr/sbin/chroot', ...options, root),
    ...directoryLinks(request),
  ];
}

function directoryLinks({ settings: { workingDirectory }, identity }: PlanRequest): ExecLink[] {
  if (workingDirectory === undefined) return [];
  const { path, isOptional } = workingDirectory;
  const directory = path === '~' ? (identity.account?.home ?? '/root') : path;
  if (isOptional) return [shellLink('cd "$1" 2>/dev/null', directory)];
  return [
    shellLink(
      `cd "$1" 2>/dev/null || { [ -d "$1" ] && bhatti_fail 200 CHDIR 'Changing to the requested working directory failed' 'Permission denied'
bhatti_fail 200 CHDIR 'Changing to the requested working directory failed' 'No such file or directory'; }`,
      directory,
    ),
  ];
}

function executableLink(path: string): ExecLink {
  return shellLink(
    `[ -f "$1" ] && [ -x "$1" ] || { [ -e "$1" ] && bhatti_fail 203 EXEC "Failed to locate executable $bhatti_program" 'Permission denied'
bhatti_fail 203 EXEC "Failed to locate executable $bhatti_program" 'No such file or directory'; }`,
    path,
  );
}

/** It is asked only when another name is wanted (`@`). */
function renameLinks({ path, name }: PlanRequest): ExecLink[] {
  return name === path ? [] : [renameLink(name)];
}

function speakerOf({ settings, command, env }: UnitProcessSpec, { uid, gid }: Credentials) {
  const { syslogIdentifier, exec } = settings;
  return {
    uid,
    gid,
    comm: basename(command.path).slice(0, maxCommLength),
    identifier: syslogIdentifier ?? basename(command.path),
    invocation: env['INVOCATION_ID'] ?? '',
    level: exec.syslogLevel,
    hasPrefixes: exec.syslogLevelPrefix,
    maxLevel: exec.logLevelMax,
  };
}

function findProgram(path: string, { exec }: ServiceSettings): string {
  if (path.startsWith('/')) return path;
  const directories = exec.searchPath.length > 0 ? exec.searchPath : searchPath;
  const found = directories
    .map((directory) => `${directory}/${path}`)
    .find((candidate) => existsSync(outsidePath(exec.sandboxing, candidate)));
  // Where it would be, so that the failure is the usual one.
  return found ?? `/usr/bin/${path}`;
}
