import type { TrackedGroup } from '@bhatti/sys/cgroup/tracked-group.ts';
import { realtimeUs } from '@bhatti/sys/clock.ts';
import type { DescriptorStore } from '@bhatti/sys/descriptor-store.ts';
import { readProcess } from '@bhatti/sys/process/identity.ts';
import { isSignalName, signalProcess } from '@bhatti/sys/process/spawn.ts';
import type { EventThread } from '../event-thread/event-thread.ts';
import type { Notice } from '../event-thread/message.ts';
import type { ServiceSettings } from './definition.ts';
import type { ManagerSettings } from './manager-settings.ts';
import { accessOf } from './notification.ts';
import { NotifySocket, shortName } from './notify-socket.ts';
import type { CommandKey, ProcessEnd, RunningProcess, ServiceRecord } from './service-record.ts';
import { endedHow, exitStatusText } from './service-result.ts';
import { StepError } from './step-error.ts';
import { StoredFds } from './stored-fds.ts';
import { endedAtGate } from './unit-gate.ts';
import { startUnitProcess, type ProcessContext } from './unit-process.ts';
import { releaseUnit } from './unit-release.ts';
import { hasSocketStream } from './unit-streams.ts';
import { isSameProcess, watchChild, watchStranger, type KnownExit, type WatchedProcess } from './watched-process.ts';

const ROLES = ['main', 'control'] as const;
export type Role = (typeof ROLES)[number];

export interface ServiceContext extends ProcessContext {
  readonly settings: ManagerSettings;
  readonly thread: EventThread;
  readonly descriptors: DescriptorStore;
  /** What a unit's program is given beside its files. */
  readonly handover: (unit: string, settings: ServiceSettings) => Handover;
}

/** A descriptor with the name that a program knows it by (sd_listen_fds_with_names(3)). */
export interface NamedFd {
  readonly fd: number;
  readonly name: string;
}

export interface Handover {
  /** Sockets that it serves. */
  readonly passed: readonly NamedFd[];
  /** Who started it, and whom it serves. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ProcessListener {
  onEnded(role: Role, end: ProcessEnd): void;
  /** A process that an earlier lohar had started was never let go: its command has not been run. */
  onNeverRan(role: Role): void;
  onGroupEmptied(): void;
  /** The kernel killed somebody of the group for want of memory. */
  onOomKilled(): void;
  onNotified(notice: Notice): void;
  /** The record has changed. */
  onRecorded(): void;
  /** What has been recorded must be on disk before anything else happens. */
  commit(): void;
}

/** When a process may leave its gate. */
export type GateKeeper = (open: () => void) => void;

const oomPollMs = 20;
const oomLooks = 50; // a second: by then the victim is gone, or nobody was killed

/** The processes of one service: at most a main one and a control one by name, and whoever else is in its group. */
export class ServiceProcesses {
  readonly group: TrackedGroup;
  readonly storedFds: StoredFds;
  readonly #unit: string;
  readonly #context: ServiceContext;
  readonly #record: ServiceRecord;
  readonly #listener: ProcessListener;
  #groupWatch: Disposable | undefined;
  #oomWatch: Disposable | undefined;
  #notifySocket: NotifySocket | undefined;
  #watched = new Map<Role, WatchedProcess>();

  constructor(unit: string, context: ServiceContext, record: ServiceRecord, listener: ProcessListener) {
    this.#unit = unit;
    this.#context = context;
    this.#record = record;
    this.#listener = listener;
    this.group = context.tree.group(`system.slice/${unit}`);
    this.storedFds = new StoredFds(record, context.descriptors);
  }

  /**
   * Starts one command. Throws when what it needs cannot be read; a step that fails in the process's stead ends it as the process would have. At whatever instant lohar dies, the command has run once or
   * will: the record first says what is to be started, then who it is; only then the process goes on, and a process whose lohar dies before does nothing.
   */
  spawn(role: Role, settings: ServiceSettings, key: CommandKey, index: number, gateKeeper: GateKeeper): void {
    const written = settings[key][index];
    if (written === undefined) throw new Error(`no command ${key} ${index}`);
    const isRoot = written.fullPrivileges || (settings.permissionsStartOnly && key !== 'execStart');
    this.#record.command = { key, index, isStarted: false };
    this.#listener.onRecorded();
    this.#listener.commit();
    this.#open();
    // What it writes survives in its pipe.
    this.#context.descriptors.keep(this.#pipeName(role), this.#context.journal.fifo(this.#unit, role));
    try {
      const { passed: sockets, env } = this.#context.handover(this.#unit, settings);
      // What goes into a standard stream is not passed beside it.
      const beside = hasSocketStream(settings) ? [] : sockets;
      const passed = key === 'execStart' ? [...beside, ...this.storedFds.list()] : [];
      const child = startUnitProcess(this.#context, {
        unit: this.#unit,
        settings,
        command: { ...written, fullPrivileges: isRoot },
        stream: role,
        group: this.group,
        env: { ...this.#variables(settings, key), ...env, ...listenVariables(passed) },
        passed: passed.map(({ fd }) => fd),
        sockets: sockets.map(({ fd }) => fd),
      });
      this.#record.command = { key, index, isStarted: true };
      this.#watch(role, watchChild(child));
      this.#listener.commit();
      // The group has a limit of memory only now.
      this.#watchMemory();
      gateKeeper(() => child.open());
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      for (const line of error.lines(this.#unit, written.path)) this.#context.journal.message(this.#unit, line, 3);
      this.#failStep(role, error.exitStatus);
    }
  }

  /** Takes a process of the group, which is nobody's child here, as the main one. */
  takeMain(pid: number): boolean {
    const stat = readProcess(pid);
    if (stat === undefined || stat.isZombie) return false;
    if (isSameProcess(this.#record.main, stat)) return true;
    const process = { pid, startTicks: stat.startTicks, startedAtUs: realtimeUs() };
    this.#watch('main', watchStranger(this.#context.thread, process, undefined));
    return true;
  }

  /** After lohar was started again: watches what the record names. */
  adopt(settings: ServiceSettings): void {
    this.#open();
    this.#watchMemory();
    if (accessOf(settings) !== 'none') this.#openNotifySocket();
    for (const role of ROLES) {
      // The journal has a way of its own to the pipe; that it is kept is what matters.
      this.#context.descriptors.claim(this.#pipeName(role));
      const process = this.#record[role];
      // A step failed in its stead, and that was not dealt with: it will fail again.
      if (process?.pid === 0) this.#neverRan(role);
      else if (process !== undefined)
        this.#watch(
          role,
          watchStranger(this.#context.thread, process, this.#context.descriptors.take(storeName(process))),
          'adopted',
        );
    }
  }

  /** For a unit whose processes are not started here but come: a scope. */
  watchGroup(): void {
    this.#open();
  }

  isAlive(role: Role): boolean {
    return this.#record[role] !== undefined;
  }

  pidOf(role: Role): number | undefined {
    return this.#record[role]?.pid;
  }

  signal(role: Role, signal: string): boolean {
    const pid = this.pidOf(role);
    return pid !== undefined && isSignalName(signal) && signalProcess(pid, signal);
  }

  /** Whether the kernel has killed somebody of the group for want of memory since this was asked last; the journal is told. */
  takeOomKills(): boolean {
    const kills = this.group.oomKills();
    if (kills <= this.#record.oomKills) return false;
    this.#record.oomKills = kills;
    const text = `${this.#unit}: A process of this unit has been killed by the OOM killer.`;
    this.#context.journal.message(this.#unit, text, 4);
    this.#listener.onRecorded();
    return true;
  }

  /** The group is not needed any more: nothing of the unit runs. What `KillMode=process` spared stays in it. A unit that comes back keeps what is to last over restarts. */
  release(settings: ServiceSettings, how: 'for good' | 'until it is back'): void {
    this.#groupWatch?.[Symbol.dispose]();
    this.#groupWatch = undefined;
    this.#oomWatch?.[Symbol.dispose]();
    this.#oomWatch = undefined;
    this.#notifySocket?.close();
    this.#notifySocket = undefined;
    this.#context.journal.endOutput(this.#unit);
    if (this.group.tryRemove()) this.#record.oomKills = 0;
    for (const role of ROLES) this.#context.descriptors.drop(this.#pipeName(role));
    releaseUnit(this.#unit, settings, how);
  }

  #pipeName(role: Role): string {
    return `log:${role}:${shortName(this.#unit)}`;
  }

  #open(): void {
    if (this.#groupWatch !== undefined) return;
    this.group.create();
    this.#groupWatch = this.group.onEmpty(() => this.#listener.onGroupEmptied());
  }

  #watchMemory(): void {
    this.#oomWatch ??= this.group.onOom(
      (fd, callback) => this.#context.thread.whenReadable(fd, callback),
      () => this.#awaitOomKill(0),
    );
  }

  /** The kernel tells that memory is out, and kills in the next moment; or somebody lets go of some, and it does not. */
  #awaitOomKill(look: number): void {
    if (this.#oomWatch === undefined) return;
    if (this.takeOomKills()) return this.#listener.onOomKilled();
    if (look < oomLooks) setTimeout(() => this.#awaitOomKill(look + 1), oomPollMs);
  }

  #variables(settings: ServiceSettings, key: CommandKey): Record<string, string> {
    const { main, mainEnd, result, invocationId } = this.#record;
    const env: Record<string, string> = { INVOCATION_ID: invocationId };
    if (accessOf(settings) !== 'none') env['NOTIFY_SOCKET'] = this.#openNotifySocket();
    if (settings.watchdogMs > 0 && key === 'execStart') env['WATCHDOG_USEC'] = String(settings.watchdogMs * 1_000);
    if (settings.pidFile !== undefined) env['PIDFILE'] = settings.pidFile;
    if (main !== undefined) env['MAINPID'] = String(main.pid);
    if (key === 'execStop' || key === 'execStopPost') {
      env['SERVICE_RESULT'] = result;
      if (mainEnd !== undefined) {
        env['EXIT_CODE'] = endedHow(mainEnd);
        env['EXIT_STATUS'] = exitStatusText(mainEnd);
      }
    }
    if (key === 'execStartPre' || key === 'execStart') Object.assign(env, this.#record.monitored);
    return env;
  }

  #openNotifySocket(): string {
    this.#notifySocket ??= new NotifySocket(this.#unit, this.#context, (notice) => {
      this.#listener.onNotified(notice);
      this.#listener.commit();
    });
    return this.#notifySocket.path;
  }

  #watch(role: Role, watched: WatchedProcess, origin: 'own' | 'adopted' = 'own'): void {
    const before = this.#watched.get(role);
    this.#watched.set(role, watched);
    this.#record[role] = watched.process;
    // Known to an heir before the record names the process.
    if (watched.pidfd !== undefined) this.#context.descriptors.keep(storeName(watched.process), watched.pidfd);
    this.#listener.onRecorded();
    if (before !== undefined) this.#dropWhenCommitted(before.process);
    void this.#report(role, watched, origin);
  }

  async #report(role: Role, watched: WatchedProcess, origin: 'own' | 'adopted'): Promise<void> {
    const exit = await watched.exited;
    // What it wrote is in the journal before anything is said about its end.
    await this.#context.thread.flush();
    // Another process has taken the role since (a forking service's parent and its daemon).
    if (this.#watched.get(role) !== watched) return;
    this.#watched.delete(role);
    if (origin === 'adopted' && exit !== undefined && endedAtGate(exit)) {
      this.#neverRan(role);
      this.#listener.onNeverRan(role);
    } else {
      this.#end(role, watched.process, exit);
    }
    this.#dropWhenCommitted(watched.process);
  }

  #neverRan(role: Role): void {
    const { command } = this.#record;
    this.#record[role] = undefined;
    if (command !== undefined) this.#record.command = { ...command, isStarted: false };
    this.#listener.onRecorded();
  }

  #failStep(role: Role, exitCode: number): void {
    const process = { pid: 0, startTicks: 0, startedAtUs: realtimeUs() };
    this.#record[role] = process;
    this.#listener.onRecorded();
    queueMicrotask(() => this.#end(role, process, { exitCode, signal: undefined }));
  }

  #end(role: Role, process: RunningProcess, exit: KnownExit): void {
    this.#record[role] = undefined;
    this.#listener.onEnded(role, {
      pid: process.pid,
      startedAtUs: process.startedAtUs,
      endedAtUs: realtimeUs(),
      exitCode: exit?.signal === undefined ? exit?.exitCode : undefined,
      signal: exit?.signal,
      ...(exit?.hasCore === undefined ? {} : { hasCore: exit.hasCore }),
    });
  }

  /** An heir may need the pidfd for as long as a record names the process. */
  #dropWhenCommitted(process: RunningProcess): void {
    queueMicrotask(() => {
      this.#listener.commit();
      this.#context.descriptors.drop(storeName(process));
    });
  }
}

function storeName({ pid, startTicks }: RunningProcess): string {
  return `pid:${pid}:${startTicks}`;
}

/** sd_listen_fds(3). LISTEN_PID is the process's own to set. */
function listenVariables(passed: readonly NamedFd[]): Record<string, string> {
  if (passed.length === 0) return {};
  return { LISTEN_FDS: String(passed.length), LISTEN_FDNAMES: passed.map(({ name }) => name).join(':') };
}
