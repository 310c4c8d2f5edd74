import { randomHex } from '@bhatti/base/ids.ts';
import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import type { ServiceSettings, UnitDefinition } from './definition.ts';
import { signalMembers, type KillStep } from './kill.ts';
import { readMainPid } from './main-pid.ts';
import { ServiceProcesses, type Role, type ServiceContext } from './service-processes.ts';
import type { CommandKey, ProcessEnd, RunningProcess, ServiceRecord, ServiceResult } from './service-record.ts';
import { formatExit, judgeExit, shouldRestart, unseenEnd } from './service-result.ts';
import {
  ACTIVE_STATES,
  SERVICE_TABLE,
  type ServiceAction,
  type ServiceEvent,
  type ServiceState,
} from './service-table.ts';
import { Deadline } from './deadline.ts';
import { endMessages } from './end-message.ts';
import { takeStart } from './start-limit.ts';
import { recordStateTime } from './state-time.ts';

/** What a service announces. */
export interface ServiceListener {
  onStateChanged(from: ServiceState, to: ServiceState): void;
  /** `Restart=` wants the unit started again, with what depends on it. */
  onRestartDue(): void;
  /** The record changed and must be kept. */
  onRecorded(): void;
  /** There is a process that an heir of ours will want to know of. */
  onWatched(role: Role): void;
}

const pidFilePollMs = 25; // a forking service writes its PID file within moments of its parent's exit
const keptRuns = 16; // for `status`; a service has rarely more commands

/** One service: the actions of the state × event table. States and the order of steps are systemd's (systemd.service(5)), so that what people know of it holds. */
export class Service implements Readonly<Record<ServiceAction, () => void>> {
  definition: UnitDefinition;
  readonly record: ServiceRecord;
  readonly processes: ServiceProcesses;
  readonly #context: ServiceContext;
  readonly #listener: ServiceListener;
  #lastResult: ServiceResult = 'success';
  readonly #deadline: Deadline;
  #watchdog: ReturnType<typeof setTimeout> | undefined;

  constructor(definition: UnitDefinition, record: ServiceRecord, context: ServiceContext, listener: ServiceListener) {
    this.definition = definition;
    this.record = record;
    this.#context = context;
    this.#listener = listener;
    this.#deadline = new Deadline(record, (event) => this.happen(event));
    this.processes = new ServiceProcesses(definition.name, context, record, {
      onEnded: (role, end) => this.#processEnded(role, end),
      onGroupEmptied: () => this.happen('groupEmptied'),
      onNotified: (fields, pid) => this.#notified(fields, pid),
      onRecorded: () => listener.onRecorded(),
      onWatched: (role) => listener.onWatched(role),
    });
  }

  /** The one door: everything that happens to a service goes through the table. */
  happen(event: ServiceEvent): void {
    if (event === 'stop') this.record.isRestartForbidden = true;
    this[SERVICE_TABLE[this.record.state][event]]();
  }

  /** Takes up what an earlier lohar left in the middle. */
  adopt(stored: (process: RunningProcess) => OwnedFd | undefined): void {
    const { state, main, control, command } = this.record;
    if (ACTIVE_STATES[state] === 'inactive' || state === 'failed') return;
    this.processes.adopt(stored);
    this.#deadline.resume(state === 'auto-restart' ? 'restartDue' : 'timedOut');
    if (state === 'running' || state === 'exited' || state === 'auto-restart') return;
    // It died between writing down what it would start and who that was.
    const role: Role = command?.key === 'execStart' && this.#settings.type !== 'forking' ? 'main' : 'control';
    if (main === undefined && control === undefined && command !== undefined && !this.processes.findUnrecorded(role))
      queueMicrotask(() => this.#processEnded(role, unseenEnd()));
  }

  forgetFailure(): void {
    Object.assign(this.record, { startsBootUs: [], restarts: 0, isStartLimited: false });
    if (this.record.state !== 'failed') return;
    this.record.result = 'success';
    this.#change('dead');
  }

  // --- actions of the table, in the order of a service's life ---

  ignore(): void {}

  begin(): void {
    const { record } = this;
    record.isStartLimited = !takeStart(record, this.definition);
    if (record.isStartLimited) {
      this.#say(`${this.#name}: Start request repeated too quickly.`, 4);
      return this.#enterDead('start-limit-hit');
    }
    if (record.isRestartCountOver) record.restarts = 0;
    record.isRestartCountOver = false;
    record.isRestartForbidden = false;
    record.result = 'success';
    record.mainEnd = undefined;
    record.runs = [];
    record.statusText = '';
    record.invocationId = randomHex(16);
    this.#deadline.disarm();
    if (this.#hasCommand('execCondition', 0)) this.#runControl('condition', 'execCondition', 0, this.#startTimeoutMs());
    else this.#enterStartPre();
  }

  cancelRestart(): void {
    this.#deadline.disarm();
    this.#change('dead');
  }

  requestRestart(): void {
    this.#say(`${this.#name}: Scheduled restart job, restart counter is at ${this.record.restarts}.`);
    this.#listener.onRestartDue();
  }

  conditionExited(): void {
    const end = this.record.runs.at(-1)?.end;
    if (this.#lastResult === 'success') return this.#next('execCondition', () => this.#enterStartPre());
    // 1 to 254 is "no"; 255 and a signal are failures (systemd.service(5), ExecCondition=).
    const isNo = end?.signal === undefined && end?.exitCode !== undefined && end.exitCode < 255;
    this.#signal('stop-sigterm', 'terminate', isNo ? 'exec-condition' : this.#lastResult);
  }

  startPreExited(): void {
    if (this.#lastResult !== 'success') return this.#signal('stop-sigterm', 'terminate', this.#lastResult);
    this.#next('execStartPre', () => this.#enterStart());
  }

  startMainExited(): void {
    if (this.#lastResult !== 'success') return this.#signal('stop-sigterm', 'terminate', this.#lastResult);
    if (this.#settings.type === 'oneshot') return this.#next('execStart', () => this.#enterStartPost());
    // It ended without ever having been ready.
    if (this.#settings.type === 'notify') this.#signal('stop-sigterm', 'terminate', 'protocol');
  }

  forkingParentExited(): void {
    if (this.#settings.type !== 'forking') return;
    if (this.#lastResult !== 'success') return this.#signal('stop-sigterm', 'terminate', this.#lastResult);
    this.#awaitDaemon();
  }

  becomeReady(): void {
    if (this.#settings.type === 'notify') this.#enterStartPost();
  }

  startGroupEmptied(): void {
    if (this.#settings.type === 'forking' && !this.processes.isAlive('control'))
      this.#signal('stop-sigterm', 'terminate', 'protocol');
  }

  abortStart(): void {
    this.#signal('stop-sigterm', 'terminate', 'success');
  }

  startTimedOut(): void {
    this.#say(`${this.#name}: start operation timed out. Terminating.`, 4);
    this.#signal('stop-sigterm', 'terminate', 'timeout');
  }

  startPostExited(): void {
    if (this.#lastResult !== 'success') return this.#enterStop(this.#lastResult);
    this.#next('execStartPost', () => this.#enterRunning('success'));
  }

  startPostTimedOut(): void {
    this.#say(`${this.#name}: start-post operation timed out. Stopping.`, 4);
    this.#signal('stop-sigterm', 'terminate', 'timeout');
  }

  runningMainExited(): void {
    this.#enterRunning(this.#lastResult);
  }

  runningGroupEmptied(): void {
    if (!this.processes.isAlive('main')) this.#enterRunning('success');
  }

  runningTimedOut(): void {
    this.#say(`${this.#name}: Service reached runtime time limit. Stopping.`, 4);
    this.#enterStop('timeout');
  }

  stopInOrder(): void {
    this.#enterStop('success');
  }

  beginReload(): void {
    if (this.#hasCommand('execReload', 0)) this.#runControl('reload', 'execReload', 0, this.#startTimeoutMs());
  }

  reloadExited(): void {
    if (this.#lastResult !== 'success') this.#say(`Reload failed for ${this.definition.description}.`, 3);
    this.#next('execReload', () => this.#enterRunning('success'));
  }

  reloadTimedOut(): void {
    this.#say(`${this.#name}: Reload operation timed out. Killing reload process.`, 4);
    this.processes.signal('control', 'SIGKILL');
    this.#enterRunning('success');
  }

  stopCommandExited(): void {
    this.#keep(this.#lastResult);
    this.#next('execStop', () => this.#signal('stop-sigterm', 'terminate', 'success'));
  }

  stopCommandTimedOut(): void {
    this.#say(`${this.#name}: Stopping timed out. Terminating.`, 4);
    this.#signal('stop-sigterm', 'terminate', 'timeout');
  }

  watchdogKill(): void {
    this.#say(`${this.#name}: Watchdog timeout (limit ${this.#settings.watchdogMs}ms)!`, 3);
    this.#signal('stop-watchdog', 'watchdog', 'watchdog');
  }

  afterStopSignal(): void {
    if (!this.processes.isAlive('main') && !this.processes.isAlive('control')) this.#enterStopPost();
  }

  stopSignalTimedOut(): void {
    if (this.record.state !== 'stop-sigkill' && this.#settings.sendSigkill) {
      this.#say(`${this.#name}: State '${this.record.state}' timed out. Killing.`, 4);
      this.#signal('stop-sigkill', 'kill', 'timeout');
    } else {
      this.#say(`${this.#name}: Processes still around after SIGKILL. Ignoring.`, 4);
      this.#keep('timeout');
      this.#enterStopPost();
    }
  }

  stopPostExited(): void {
    this.#keep(this.#lastResult);
    this.#next('execStopPost', () => this.#signalRest('final-sigterm', 'terminate'));
  }

  stopPostTimedOut(): void {
    this.#say(`${this.#name}: State 'stop-post' timed out. Terminating.`, 4);
    this.#keep('timeout');
    this.#signalRest('final-sigterm', 'terminate');
  }

  afterFinalSignal(): void {
    const isWhole = this.#settings.killMode === 'control-group' || this.#settings.killMode === 'mixed';
    if (this.processes.isAlive('main') || this.processes.isAlive('control')) return;
    if (!isWhole || !this.processes.group.isPopulated()) this.#enterDead('success');
  }

  finalSignalTimedOut(): void {
    this.#keep('timeout');
    if (this.record.state === 'final-sigterm' && this.#settings.sendSigkill) this.#signalRest('final-sigkill', 'kill');
    else this.#enterDead('timeout');
  }

  // --- steps between states ---

  #enterStartPre(): void {
    if (this.#hasCommand('execStartPre', 0)) this.#runControl('start-pre', 'execStartPre', 0, this.#startTimeoutMs());
    else this.#enterStart();
  }

  #enterStart(): void {
    const { type } = this.#settings;
    if (!this.#hasCommand('execStart', 0)) return this.#enterStartPost();
    if (type === 'forking') return this.#runControl('start', 'execStart', 0, this.#startTimeoutMs());
    this.#runMain(0);
    // It has started when it has been executed; the others have more to wait for.
    if (this.record.state === 'start' && (type === 'simple' || type === 'exec' || type === 'idle'))
      this.#enterStartPost();
  }

  #enterStartPost(): void {
    if (this.#hasCommand('execStartPost', 0))
      this.#runControl('start-post', 'execStartPost', 0, this.#startTimeoutMs());
    else this.#enterRunning('success');
  }

  #enterRunning(result: ServiceResult): void {
    this.#keep(result);
    this.#deadline.disarm();
    if (this.record.result !== 'success') return this.#signal('stop-sigterm', 'terminate', this.record.result);
    if (this.#isGood()) {
      this.#change('running');
      this.#deadline.arm(this.#settings.runtimeMaxMs, 'timedOut');
      this.#petWatchdog();
    } else if (this.#settings.remainAfterExit) {
      this.#change('exited');
    } else {
      this.#enterStop('success');
    }
  }

  #enterStop(result: ServiceResult): void {
    this.#keep(result);
    if (this.#hasCommand('execStop', 0)) this.#runControl('stop', 'execStop', 0, this.#settings.timeoutStopMs);
    else this.#signal('stop-sigterm', 'terminate', 'success');
  }

  #enterStopPost(): void {
    if (this.#hasCommand('execStopPost', 0))
      this.#runControl('stop-post', 'execStopPost', 0, this.#settings.timeoutStopMs);
    else this.#signalRest('final-sigterm', 'terminate');
  }

  #enterDead(result: ServiceResult): void {
    const { record } = this;
    this.#keep(result);
    this.#deadline.disarm();
    clearTimeout(this.#watchdog);
    record.command = undefined;
    const isFailure = record.result !== 'success' && record.result !== 'exec-condition';
    for (const { text, priority } of endMessages(this.#name, record.result, this.processes.group))
      this.#say(text, priority);
    const isRestarting =
      !record.isRestartForbidden &&
      record.result !== 'start-limit-hit' &&
      shouldRestart(this.#settings, record.result, record.mainEnd);
    record.isRestartCountOver = !isRestarting;
    this.processes.release();
    this.#change(isFailure ? 'failed' : 'dead');
    if (!isRestarting) return;
    record.restarts += 1;
    this.#change('auto-restart');
    this.#deadline.arm(this.#settings.restartMs, 'restartDue');
  }

  /** Signals and waits for the main and the control process; with nobody to wait for goes on at once. */
  #signal(state: 'stop-sigterm' | 'stop-sigkill' | 'stop-watchdog', step: KillStep, result: ServiceResult): void {
    this.#keep(result);
    if (signalMembers(this.processes, this.#settings, step)) {
      this.#change(state);
      this.#deadline.arm(this.#settings.timeoutStopMs, 'timedOut');
      return;
    }
    this.#enterStopPost();
  }

  /** The same for all who are left at the end. */
  #signalRest(state: 'final-sigterm' | 'final-sigkill', step: KillStep): void {
    if (signalMembers(this.processes, this.#settings, step)) {
      this.#change(state);
      this.#deadline.arm(this.#settings.timeoutStopMs, 'timedOut');
      return;
    }
    this.#enterDead('success');
  }

  #runMain(index: number): void {
    this.#change('start');
    this.#deadline.arm(this.#startTimeoutMs(), 'timedOut');
    this.#spawn('main', 'execStart', index);
  }

  #runControl(state: ServiceState, key: CommandKey, index: number, timeoutMs: number): void {
    if (this.record.state !== state) this.#change(state);
    this.#deadline.arm(timeoutMs, 'timedOut');
    this.#spawn('control', key, index);
  }

  #spawn(role: Role, key: CommandKey, index: number): void {
    try {
      this.processes.spawn(role, this.#settings, key, index);
    } catch (error) {
      this.#say(`${this.#name}: ${error instanceof Error ? error.message : String(error)}`, 4);
      this.#say(`${this.#name}: Failed to run '${this.record.state}' task`, 4);
      this.#signal('stop-sigterm', 'terminate', 'resources');
    }
  }

  /** The command after the current one of the same list, or what comes after the list. */
  #next(key: CommandKey, afterLast: () => void): void {
    const index = (this.record.command?.index ?? 0) + 1;
    if (!this.#hasCommand(key, index)) return afterLast();
    const isMain = key === 'execStart' && this.#settings.type !== 'forking';
    if (isMain) this.#spawn('main', key, index);
    else
      this.#runControl(
        this.record.state,
        key,
        index,
        key.startsWith('execStop') ? this.#settings.timeoutStopMs : this.#startTimeoutMs(),
      );
  }

  /** A forking service's daemon may take a moment to write its PID file. */
  #awaitDaemon(): void {
    if (this.record.state !== 'start') return;
    const pid = readMainPid(this.#settings, this.processes);
    if (pid !== undefined && this.processes.takeMain(pid)) return this.#enterStartPost();
    if (this.#settings.pidFile === undefined) return this.#enterStartPost();
    setTimeout(() => this.#awaitDaemon(), pidFilePollMs);
  }

  #processEnded(role: Role, end: ProcessEnd): void {
    const { record } = this;
    const judged = judgeExit(role, end, this.#settings, record.command);
    this.#lastResult = judged.result;
    if (judged.run !== undefined) record.runs = [...record.runs, judged.run].slice(-keptRuns);
    if (role === 'main') {
      record.mainEnd = end;
      this.#keep(judged.result);
    }
    if (judged.rawResult !== 'success')
      this.#say(
        `${this.#name}: ${role === 'main' ? 'Main' : 'Control'} process exited, ${formatExit(end, 'message')}`,
        5,
      );
    this.#listener.onRecorded();
    this.happen(role === 'main' ? 'mainExited' : 'controlExited');
  }

  #notified(fields: ReadonlyMap<string, string>, pid: number): void {
    const access = this.#settings.notifyAccess ?? (this.#settings.type === 'notify' ? 'main' : 'none');
    const isAllowed =
      access === 'all' || (access !== 'none' && [this.record.main?.pid, this.record.control?.pid].includes(pid));
    if (!isAllowed) return;
    const mainPid = Number(fields.get('MAINPID') ?? 0);
    if (mainPid > 1 && this.processes.group.pids().includes(mainPid)) this.processes.takeMain(mainPid);
    const status = fields.get('STATUS');
    if (status !== undefined) {
      this.record.statusText = status;
      this.#listener.onRecorded();
    }
    const extendUs = Number(fields.get('EXTEND_TIMEOUT_USEC') ?? 0);
    if (extendUs > 0) this.#deadline.arm(extendUs / 1_000, 'timedOut');
    if (fields.get('WATCHDOG') === '1') this.#petWatchdog();
    if (fields.get('STOPPING') === '1') this.happen('stopping');
    if (fields.get('READY') === '1') this.happen('ready');
  }

  #petWatchdog(): void {
    clearTimeout(this.#watchdog);
    const { watchdogMs } = this.#settings;
    if (watchdogMs > 0 && watchdogMs !== Infinity)
      this.#watchdog = setTimeout(() => this.happen('watchdogExpired'), watchdogMs);
  }

  #isGood(): boolean {
    return this.processes.isAlive('main') || (this.record.mainEnd === undefined && this.processes.group.isPopulated());
  }

  #change(to: ServiceState): void {
    const from = this.record.state;
    this.record.state = to;
    recordStateTime(this.record, ACTIVE_STATES[from], ACTIVE_STATES[to]);
    this.#listener.onRecorded();
    this.#listener.onStateChanged(from, to);
  }

  /** The first failure is the unit's. */
  #keep(result: ServiceResult): void {
    if (this.record.result === 'success') this.record.result = result;
  }

  #hasCommand(key: CommandKey, index: number): boolean {
    return this.#settings[key][index] !== undefined;
  }

  #startTimeoutMs(): number {
    return this.#settings.timeoutStartMs ?? Infinity;
  }

  #say(text: string, priority = 6): void {
    this.#context.journal.message(this.#name, text, priority);
  }

  get #name(): string {
    return this.definition.name;
  }

  get #settings(): ServiceSettings {
    const { service } = this.definition;
    if (service === undefined) throw new Error(`${this.definition.name} is no service`);
    return service;
  }
}
