import type { AccountDatabase } from '@bhatti/sys/account.ts';
import type { DelegatedTree, TrackedGroup } from '@bhatti/sys/cgroup/delegated-tree.ts';
import { realtimeUs } from '@bhatti/sys/clock.ts';
import { listenDatagram } from '@bhatti/sys/datagram.ts';
import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { readProcess } from '@bhatti/sys/process/identity.ts';
import { isSignalName, signalProcess } from '@bhatti/sys/process/spawn.ts';
import { guestRunDir } from '@bhatti/wire/guest-paths.ts';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EventThread } from '../event-thread/event-thread.ts';
import type { Journal } from '../journal/journal.ts';
import type { ServiceSettings } from './definition.ts';
import type { CommandKey, ProcessEnd, RunningProcess, ServiceRecord } from './service-record.ts';
import { startUnitProcess, StepError } from './unit-process.ts';
import { isSameProcess, watchChild, watchStranger, type KnownExit, type WatchedProcess } from './watched-process.ts';

export type Role = 'main' | 'control';

export interface ServiceContext {
  readonly accounts: AccountDatabase;
  readonly journal: Journal;
  readonly thread: EventThread;
  readonly tree: DelegatedTree;
  /** What a unit's program is given beside its files. */
  readonly handover: (unit: string, settings: ServiceSettings) => Handover;
}

export interface Handover {
  /** Descriptors, from 3 on (sd_listen_fds(3)). */
  readonly passed: readonly { readonly fd: number; readonly name: string }[];
  /** Who started it, and whom it serves. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ProcessListener {
  onEnded(role: Role, end: ProcessEnd): void;
  onGroupEmptied(): void;
  /** Lines of an sd_notify(3) datagram, and who sent it. */
  onNotified(fields: ReadonlyMap<string, string>, pid: number): void;
  /** The record has changed. */
  onRecorded(): void;
  /** There is a process that an heir will want to know of. */
  onWatched(role: Role): void;
}

const notifyDir = join(guestRunDir, 'notify');

/** The processes of one service: at most a main one and a control one by name, and whoever else is in its group. */
export class ServiceProcesses {
  readonly group: TrackedGroup;
  readonly #unit: string;
  readonly #context: ServiceContext;
  readonly #record: ServiceRecord;
  readonly #listener: ProcessListener;
  #groupWatch: Disposable | undefined;
  #notifySocket: OwnedFd | undefined;
  #watched = new Map<Role, WatchedProcess>();

  constructor(unit: string, context: ServiceContext, record: ServiceRecord, listener: ProcessListener) {
    this.#unit = unit;
    this.#context = context;
    this.#record = record;
    this.#listener = listener;
    this.group = context.tree.group(`system.slice/${unit}`);
  }

  /** Starts one command. Throws when what it needs cannot be read; a step that fails in the process's stead ends it as the process would have. */
  spawn(role: Role, settings: ServiceSettings, key: CommandKey, index: number): void {
    const command = settings[key][index];
    if (command === undefined) throw new Error(`no command ${key} ${index}`);
    this.#record.command = { key, index };
    this.#listener.onRecorded(); // before the process exists, so that an heir of ours knows what to look for
    this.#open();
    try {
      const { passed, env } = this.#context.handover(this.#unit, settings);
      const child = startUnitProcess(this.#context, {
        unit: this.#unit,
        settings,
        command,
        stream: role,
        group: this.group,
        env: { ...this.#variables(settings, key), ...env },
        passed: key === 'execStart' ? passed : [],
      });
      this.#watch(role, watchChild(child));
    } catch (error) {
      if (!(error instanceof StepError)) throw error;
      this.#context.journal.message(this.#unit, `${this.#unit}: ${error.message}`, 3);
      this.#failStep(role, error.exitStatus);
    }
    this.#listener.onRecorded();
  }

  /** Takes a process of the group, which is nobody's child here, as the main one. */
  takeMain(pid: number): boolean {
    const stat = readProcess(pid);
    if (stat === undefined || stat.isZombie) return false;
    if (isSameProcess(this.#record.main, stat)) return true;
    const process = { pid, startTicks: stat.startTicks, startedAtUs: realtimeUs() };
    this.#watch('main', watchStranger(this.#context.thread, process, undefined));
    this.#listener.onRecorded();
    return true;
  }

  /** After lohar was started again: watches what the record names. `stored` finds pidfds that were kept meanwhile. */
  adopt(stored: (process: RunningProcess) => OwnedFd | undefined): void {
    this.#open();
    for (const role of ['main', 'control'] as const) {
      const process = this.#record[role];
      if (process !== undefined) this.#watch(role, watchStranger(this.#context.thread, process, stored(process)));
    }
  }

  /** Looks for a process that was started in the instant in which the lohar before us died: a session leader of the group that has no parent any more. */
  findUnrecorded(role: Role): boolean {
    const orphan = this.group
      .pids()
      .map((pid) => readProcess(pid))
      .find((stat) => stat !== undefined && stat.pid === stat.sessionId && stat.parentPid === 1);
    if (orphan === undefined) return false;
    const process = { pid: orphan.pid, startTicks: orphan.startTicks, startedAtUs: realtimeUs() };
    this.#watch(role, watchStranger(this.#context.thread, process, undefined));
    this.#listener.onRecorded();
    return true;
  }

  pidfdOf(role: Role): OwnedFd | undefined {
    return this.#watched.get(role)?.pidfd;
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

  /** The group is not needed any more: nothing of the unit runs. What `KillMode=process` spared stays in it. */
  release(): void {
    this.#groupWatch?.[Symbol.dispose]();
    this.#groupWatch = undefined;
    if (this.#notifySocket !== undefined) {
      this.#context.thread.forgetSocket(this.#unit, this.#notifySocket);
      this.#notifySocket = undefined;
    }
    this.group.tryRemove();
  }

  #open(): void {
    if (this.#groupWatch !== undefined) return;
    this.group.create();
    this.#groupWatch = this.group.onEmpty(() => this.#listener.onGroupEmptied());
  }

  #variables(settings: ServiceSettings, key: CommandKey): Record<string, string> {
    const { main, mainEnd, result, invocationId } = this.#record;
    const env: Record<string, string> = { INVOCATION_ID: invocationId };
    if (settings.type === 'notify' || settings.notifyAccess !== undefined)
      env['NOTIFY_SOCKET'] = this.#openNotifySocket();
    if (settings.watchdogMs > 0 && key === 'execStart') env['WATCHDOG_USEC'] = String(settings.watchdogMs * 1_000);
    if (settings.pidFile !== undefined) env['PIDFILE'] = settings.pidFile;
    if (main !== undefined) env['MAINPID'] = String(main.pid);
    if (key === 'execStop' || key === 'execStopPost') {
      env['SERVICE_RESULT'] = result;
      if (mainEnd !== undefined) {
        env['EXIT_CODE'] = mainEnd.signal === undefined ? 'exited' : 'killed';
        env['EXIT_STATUS'] = mainEnd.signal?.replace(/^SIG/, '') ?? String(mainEnd.exitCode ?? '');
      }
    }
    return env;
  }

  #openNotifySocket(): string {
    const path = join(notifyDir, this.#unit);
    if (this.#notifySocket === undefined) {
      mkdirSync(notifyDir, { recursive: true, mode: 0o755 });
      this.#notifySocket = listenDatagram(path);
      this.#context.thread.listen(this.#unit, this.#notifySocket.fd, (pid, text) =>
        this.#listener.onNotified(parseNotification(text), pid),
      );
    }
    return path;
  }

  #watch(role: Role, watched: WatchedProcess): void {
    this.#watched.set(role, watched);
    this.#record[role] = watched.process;
    this.#listener.onWatched(role);
    void this.#report(role, watched);
  }

  async #report(role: Role, watched: WatchedProcess): Promise<void> {
    const exit = await watched.exited;
    // What it wrote is in the journal before anything is said about its end.
    await this.#context.thread.flush();
    // Another process has taken the role since (a forking service's parent and its daemon).
    if (this.#watched.get(role) !== watched) return;
    this.#watched.delete(role);
    this.#end(role, watched.process, exit);
  }

  #failStep(role: Role, exitCode: number): void {
    const process = { pid: 0, startTicks: 0, startedAtUs: realtimeUs() };
    this.#record[role] = process;
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
    });
  }
}

function parseNotification(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line) => {
      const equals = line.indexOf('=');
      return equals > 0 ? [[line.slice(0, equals), line.slice(equals + 1)] as const] : [];
    }),
  );
}
