import { Deadline } from './deadline.ts';
import type { ServiceSettings, TimeoutFailureMode, UnitDefinition } from './definition.ts';
import { endMessages } from './end-message.ts';
import { hasMembers, signalMembers, type KillStep } from './kill.ts';
import type { GateKeeper, Role, ServiceContext, ServiceProcesses } from './service-processes.ts';
import type { CommandKey, ServiceRecord, ServiceResult } from './service-record.ts';
import { restartsByItself } from './service-result.ts';
import { ACTIVE_STATES, type ServiceEvent, type ServiceState } from './service-table.ts';
import { recordStateTime } from './state-time.ts';
import { hasExecuted } from './unit-gate.ts';
import { Watchdog } from './watchdog.ts';

/** What a service announces. */
export interface ServiceListener {
  onStateChanged(from: ServiceState, to: ServiceState): void;
  /** `Restart=` wants the unit started again, with what depends on it. */
  onRestartDue(): void;
  /** The record changed and must be kept. */
  onRecorded(): void;
  /** What has been recorded must be on disk before anything else happens. */
  commit(): void;
  /** It has said itself that it reloads. */
  onOwnReload(): void;
  /** Whether a job is queued that starts it (again). */
  isStartQueued(): boolean;
  /** Whether it is being stopped to be started again. */
  isRestarting(): boolean;
  /** Calls back when no job is left, or after a while (`Type=idle`). */
  whenQuiet(callback: () => void): void;
}

export interface ServiceStepsOptions {
  readonly name: string;
  /** It may change while the service runs. */
  readonly definition: () => UnitDefinition;
  readonly record: ServiceRecord;
  readonly context: ServiceContext;
  readonly processes: ServiceProcesses;
  readonly listener: ServiceListener & { happen(event: ServiceEvent): void };
}

const executionPollMs = 1; // from the shell to the program it is a millisecond

/** The way of a service from one state to the next: each step writes down what it is about to do, then does it, so that an heir of ours finds what is to be done again. */
export class ServiceSteps {
  readonly name: string;
  readonly record: ServiceRecord;
  readonly processes: ServiceProcesses;
  readonly deadline: Deadline;
  readonly #definition: () => UnitDefinition;
  readonly #context: ServiceContext;
  readonly #listener: ServiceStepsOptions['listener'];
  readonly #watchdog: Watchdog;

  constructor({ name, definition, record, context, processes, listener }: ServiceStepsOptions) {
    this.name = name;
    this.#definition = definition;
    this.record = record;
    this.#context = context;
    this.processes = processes;
    this.#listener = listener;
    this.deadline = new Deadline(record, (event) => listener.happen(event));
    this.#watchdog = new Watchdog(() => listener.happen('watchdogExpired'));
  }

  enterStartPre(): void {
    if (this.hasCommand('execStartPre', 0)) this.runControl('start-pre', 'execStartPre', 0, this.startTimeoutMs());
    else this.enterStart();
  }

  enterStart(): void {
    const { type } = this.settings();
    if (this.#definition().type === 'scope') this.processes.watchGroup();
    if (!this.hasCommand('execStart', 0)) return this.enterStartPost();
    if (type === 'forking') return this.runControl('start', 'execStart', 0, this.startTimeoutMs());
    this.deadline.arm(this.startTimeoutMs(), 'timedOut');
    this.change('start');
    this.#spawn('main', 'execStart', 0);
    if (this.record.state === 'start') this.awaitStarted();
  }

  /** The main command is under way; what it is waited for differs by type. */
  awaitStarted(): void {
    const { type } = this.settings();
    // Of these the process itself is all that there is to wait for.
    if (type === 'simple' || type === 'idle') this.enterStartPost();
    else if (type === 'exec') this.#awaitExecution();
    else if (type === 'forking' && !this.processes.isAlive('control')) this.#listener.happen('daemonDue');
  }

  #awaitExecution(): void {
    const pid = this.processes.pidOf('main');
    if (this.record.state !== 'start' || pid === undefined) return; // its end is an event of its own
    if (pid !== 0 && hasExecuted(pid)) this.#listener.happen('executed');
    else setTimeout(() => this.#awaitExecution(), executionPollMs);
  }

  enterStartPost(): void {
    if (this.hasCommand('execStartPost', 0)) this.runControl('start-post', 'execStartPost', 0, this.startTimeoutMs());
    else this.enterRunning('success');
  }

  enterRunning(result: ServiceResult): void {
    this.keep(result);
    this.deadline.disarm();
    if (this.record.result !== 'success') return this.signal('stop-sigterm', 'terminate', this.record.result);
    this.record.isReloadingByItself = false;
    if (this.#isGood()) {
      const { runtimeMaxMs, runtimeRandomizedExtraMs } = this.settings();
      this.deadline.arm(runtimeMaxMs + Math.random() * runtimeRandomizedExtraMs, 'timedOut');
      this.petWatchdog();
      this.change('running');
    } else if (this.settings().remainAfterExit) {
      this.change('exited');
    } else {
      this.enterStop('success');
    }
  }

  enterStop(result: ServiceResult): void {
    this.keep(result);
    if (this.hasCommand('execStop', 0)) this.runControl('stop', 'execStop', 0, this.settings().timeoutStopMs);
    else this.signal('stop-sigterm', 'terminate', 'success');
  }

  enterStopPost(): void {
    if (this.hasCommand('execStopPost', 0))
      this.runControl('stop-post', 'execStopPost', 0, this.settings().timeoutStopMs);
    else this.signalRest('final-sigterm', 'terminate');
  }

  enterDead(result: ServiceResult): void {
    const { record } = this;
    this.keep(result);
    this.deadline.disarm();
    this.#watchdog.rest();
    record.command = undefined;
    record.monitored = undefined;
    const isFailure = record.result !== 'success' && record.result !== 'exec-condition';
    for (const { text, priority } of endMessages(this.name, record.result, this.processes.group))
      this.say(text, priority);
    record.willRestart = restartsByItself(this.settings(), record);
    record.isRestartCountOver = !record.willRestart;
    const comesAgain = record.willRestart || this.#listener.isStartQueued();
    this.processes.release(this.settings(), comesAgain ? 'until it is back' : 'for good');
    this.change(isFailure ? 'failed' : 'dead');
    if (record.willRestart) this.awaitRestart();
    else this.discardStored();
  }

  awaitRestart(): void {
    this.deadline.arm(this.settings().restartMs, 'restartDue');
    this.change('auto-restart');
  }

  /** systemd.service(5), FileDescriptorStoreMax=: kept until it has stopped and nobody starts it again. */
  discardStored(): void {
    if (!this.#listener.isStartQueued()) this.processes.storedFds.clear();
  }

  /** Signals and waits for the main and the control process; with nobody to wait for goes on at once. */
  signal(state: 'stop-sigterm' | 'stop-sigkill' | 'stop-watchdog', step: KillStep, result: ServiceResult): void {
    this.keep(result);
    if (hasMembers(this.processes, this.settings(), step)) this.#enterSignal(state, step);
    // Whom only SIGKILL is for (`KillMode=mixed`) is left.
    else if (step !== 'kill' && this.settings().sendSigkill) this.signal('stop-sigkill', 'kill', 'success');
    else this.enterStopPost();
  }

  /** The same for all who are left at the end. */
  signalRest(state: 'final-sigterm' | 'final-sigkill', step: KillStep): void {
    if (hasMembers(this.processes, this.settings(), step)) this.#enterSignal(state, step);
    else if (step !== 'kill' && this.settings().sendSigkill) this.signalRest('final-sigkill', 'kill');
    else this.enterDead('success');
  }

  #enterSignal(state: ServiceState, step: KillStep): void {
    const { timeoutStopMs, timeoutAbortMs } = this.settings();
    this.record.isSignalled = false;
    this.deadline.arm(step === 'watchdog' ? (timeoutAbortMs ?? timeoutStopMs) : timeoutStopMs, 'timedOut');
    this.change(state);
    if (this.record.state === state) this.sendSignals(step);
  }

  sendSignals(step: KillStep): void {
    this.#listener.commit();
    const isRestart = step === 'terminate' && this.#listener.isRestarting();
    for (const { name, pid, signal } of signalMembers(this.processes, this.settings(), isRestart ? 'restart' : step))
      if (step === 'kill' || step === 'watchdog')
        this.say(`${this.name}: Killing process ${pid} (${name}) with signal ${signal}.`, 5);
    this.record.isSignalled = true;
    this.#listener.onRecorded();
  }

  /** A step took too long. */
  failStep(mode: TimeoutFailureMode, why: string): void {
    const { state } = this.record;
    const doing = { terminate: 'Terminating', abort: 'Aborting', kill: 'Killing' }[mode];
    const isStart = ACTIVE_STATES[state] === 'activating';
    this.say(`${this.name}: ${isStart ? `${state} operation` : `State '${state}'`} ${why}. ${doing}.`, 4);
    if (mode === 'terminate') this.signal('stop-sigterm', 'terminate', 'timeout');
    else if (mode === 'abort') this.signal('stop-watchdog', 'watchdog', 'timeout');
    else this.signal('stop-sigkill', 'kill', 'timeout');
  }

  runControl(state: ServiceState, key: CommandKey, index: number, timeoutMs: number): void {
    this.deadline.arm(timeoutMs, 'timedOut');
    if (this.record.state !== state) this.change(state);
    if (this.record.state === state) this.#spawn('control', key, index);
  }

  #spawn(role: Role, key: CommandKey, index: number): void {
    try {
      this.processes.spawn(role, this.settings(), key, index, this.#gateKeeper(key));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.say(`${this.name}: ${why}`, 4);
      this.say(`${this.name}: Failed to run '${this.record.state}' task: ${why.split(': ').at(-1)}`, 4);
      this.signal('stop-sigterm', 'terminate', 'resources');
    }
  }

  /** `Type=idle`: its program waits until the others are under way. */
  #gateKeeper(key: CommandKey): GateKeeper {
    if (key === 'execStart' && this.settings().type === 'idle') return (open) => this.#listener.whenQuiet(open);
    return (open) => open();
  }

  /** What an earlier lohar was about to start. */
  runAgain(role: Role): void {
    const { command } = this.record;
    if (command === undefined || command.isStarted) return;
    // Its file has changed since: the list is at its end.
    if (!this.hasCommand(command.key, command.index))
      return this.#listener.happen(role === 'main' ? 'mainExited' : 'controlExited');
    this.#spawn(role, command.key, command.index);
    if (this.record.state === 'start') this.awaitStarted();
  }

  /** The command after the current one of the same list, or what comes after the list. */
  next(key: CommandKey, afterLast: () => void): void {
    const index = (this.record.command?.index ?? 0) + 1;
    if (!this.hasCommand(key, index)) return afterLast();
    const isMain = key === 'execStart' && this.settings().type !== 'forking';
    if (isMain) this.#spawn('main', key, index);
    else
      this.runControl(
        this.record.state,
        key,
        index,
        key.startsWith('execStop') ? this.settings().timeoutStopMs : this.startTimeoutMs(),
      );
  }

  petWatchdog(): void {
    this.#watchdog.pet(this.watchdogMs());
  }

  watchdogMs(): number {
    return this.record.watchdogMs ?? this.settings().watchdogMs;
  }

  #isGood(): boolean {
    if (this.processes.isAlive('main')) return true;
    const isGroupEnough = this.record.mainEnd === undefined || this.settings().exitType === 'cgroup';
    return isGroupEnough && this.processes.group.isPopulated();
  }

  change(to: ServiceState): void {
    const from = this.record.state;
    this.record.state = to;
    recordStateTime(this.record, ACTIVE_STATES[from], ACTIVE_STATES[to]);
    this.#listener.onRecorded();
    this.#listener.onStateChanged(from, to);
  }

  /** The first failure is the unit's. */
  keep(result: ServiceResult): void {
    if (this.record.result === 'success') this.record.result = result;
  }

  hasCommand(key: CommandKey, index: number): boolean {
    return this.settings()[key][index] !== undefined;
  }

  startTimeoutMs(): number {
    return this.settings().timeoutStartMs ?? Infinity;
  }

  say(text: string, priority = 6): void {
    this.#context.journal.message(this.name, text, priority);
  }

  settings(): ServiceSettings {
    const { service } = this.#definition();
    if (service === undefined) throw new Error(`${this.name} is no service`);
    return service;
  }
}
