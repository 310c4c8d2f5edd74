import { closeSync } from 'node:fs';
import type { Notice } from '../event-thread/message.ts';
import type { UnitDefinition } from './definition.ts';
import type { KillStep } from './kill.ts';
import { findMainPid, takeSuccessor } from './main-pid.ts';
import { mayNotify, parseNotification, type Notification } from './notification.ts';
import { oomPolicyOf } from './resource-settings.ts';
import { ServiceProcesses, type Role, type ServiceContext } from './service-processes.ts';
import { beginRun, type ProcessEnd, type ServiceRecord, type ServiceResult } from './service-record.ts';
import { formatExit, judgeExit } from './service-result.ts';
import { ServiceSteps, type ServiceListener } from './service-steps.ts';
import {
  ACTIVE_STATES,
  SERVICE_TABLE,
  type ServiceAction,
  type ServiceEvent,
  type ServiceState,
} from './service-table.ts';
import { takeStart } from './start-limit.ts';
import { formatTimeSpan } from './time-span.ts';
import { isStepFailure } from './unit-gate.ts';

const pidFilePollMs = 25; // a forking service writes its PID file within moments of its parent's exit
/** States that wait for what signals do, with the signals. */
const SIGNAL_STEPS: Partial<Record<ServiceState, KillStep>> = {
  'stop-watchdog': 'watchdog',
  'stop-sigterm': 'terminate',
  'stop-sigkill': 'kill',
  'final-sigterm': 'terminate',
  'final-sigkill': 'kill',
};
const keptRuns = 16; // for `status`; a service has rarely more commands

/** One service: the actions of the state × event table. States and the order of steps are systemd's (systemd.service(5)), so that what people know of it holds. */
export class Service implements Readonly<Record<ServiceAction, () => void>> {
  definition: UnitDefinition;
  readonly record: ServiceRecord;
  readonly processes: ServiceProcesses;
  /** What it stands on. */
  readonly host: ServiceContext;
  readonly #listener: ServiceListener;
  readonly #steps: ServiceSteps;
  #lastResult: ServiceResult = 'success';

  constructor(definition: UnitDefinition, record: ServiceRecord, context: ServiceContext, listener: ServiceListener) {
    this.definition = definition;
    this.record = record;
    this.host = context;
    this.#listener = listener;
    this.processes = new ServiceProcesses(definition.name, context, record, {
      onEnded: (role, end) => this.#processEnded(role, end),
      onGroupEmptied: () => this.happen('groupEmptied'),
      onNeverRan: (role) => this.#steps.runAgain(role),
      onOomKilled: () => this.happen('oomKilled'),
      onNotified: (notice) => this.#notified(notice),
      onRecorded: () => listener.onRecorded(),
      commit: () => listener.commit(),
    });
    this.#steps = new ServiceSteps({
      name: definition.name,
      definition: () => this.definition,
      record,
      context,
      processes: this.processes,
      listener: { ...listener, happen: (event) => this.happen(event) },
    });
  }

  /** The one door: everything that happens to a service goes through the table. */
  happen(event: ServiceEvent): void {
    if (event === 'stop') this.record.isRestartForbidden = true;
    this[SERVICE_TABLE[this.record.state][event]]();
  }

  /** Takes up what an earlier lohar left in the middle: every state waits for something that its record names, so that is what must come about again. */
  adopt(): void {
    const { record } = this;
    if (record.willRestart && record.state !== 'auto-restart') return this.#steps.awaitRestart();
    if (ACTIVE_STATES[record.state] === 'inactive' || record.state === 'failed') return;
    if (record.state === 'auto-restart') return this.#steps.deadline.resume('restartDue');
    this.processes.adopt(this.#steps.settings());
    this.#steps.deadline.resume('timedOut');
    if (record.state === 'running' || record.state === 'reload') this.#steps.petWatchdog();
    const step = SIGNAL_STEPS[record.state];
    if (step !== undefined && !record.isSignalled) this.#steps.sendSignals(step);
    if (record.command?.isStarted === false)
      this.#steps.runAgain(
        record.command.key === 'execStart' && this.#steps.settings().type !== 'forking' ? 'main' : 'control',
      );
    else if (record.state === 'start') this.#steps.awaitStarted();
    // The last process may have gone before the group was looked at.
    queueMicrotask(() => {
      if (!this.processes.group.isPopulated()) this.happen('groupEmptied');
    });
  }

  forgetFailure(): void {
    Object.assign(this.record, { startsBootUs: [], restarts: 0, isStartLimited: false });
    if (this.record.state !== 'failed') return this.#listener.onRecorded();
    this.record.result = 'success';
    this.#steps.change('dead');
  }

  // --- actions of the table, in the order of a service's life ---

  ignore(): void {}

  begin(): void {
    const { record } = this;
    record.isStartLimited = !takeStart(record, this.definition);
    if (record.isStartLimited) {
      this.#steps.say(`${this.#steps.name}: Start request repeated too quickly.`, 4);
      return this.#steps.enterDead('start-limit-hit');
    }
    if (record.isRestartCountOver) record.restarts = 0;
    record.isRestartCountOver = false;
    beginRun(record);
    this.#steps.deadline.disarm();
    if (this.#steps.hasCommand('execCondition', 0))
      this.#steps.runControl('condition', 'execCondition', 0, this.#steps.startTimeoutMs());
    else this.#steps.enterStartPre();
  }

  cancelRestart(): void {
    this.#steps.deadline.disarm();
    this.record.willRestart = false;
    this.processes.release(this.#steps.settings(), 'for good');
    this.#steps.change('dead');
    this.#steps.discardStored();
  }

  requestRestart(): void {
    this.record.restarts += 1;
    this.#steps.say(`${this.#steps.name}: Scheduled restart job, restart counter is at ${this.record.restarts}.`);
    this.#listener.onRestartDue();
  }

  conditionExited(): void {
    const end = this.record.runs.at(-1)?.end;
    if (this.#lastResult === 'success') return this.#steps.next('execCondition', () => this.#steps.enterStartPre());
    // 1 to 254 is "no"; 255 and a signal are failures (systemd.service(5), ExecCondition=).
    const isNo = end?.signal === undefined && end?.exitCode !== undefined && end.exitCode < 255;
    this.#steps.signal('stop-sigterm', 'terminate', isNo ? 'exec-condition' : this.#lastResult);
  }

  startPreExited(): void {
    if (this.#lastResult !== 'success') return this.#steps.signal('stop-sigterm', 'terminate', this.#lastResult);
    this.#steps.next('execStartPre', () => this.#steps.enterStart());
  }

  startMainExited(): void {
    if (this.#steps.settings().type === 'exec' && !isStepFailure(this.record.mainEnd?.exitCode)) {
      // It had executed, and was quicker than we look.
      if (this.#steps.hasCommand('execStartPost', 0)) return this.#steps.enterStartPost();
      this.#steps.change('running');
      return this.happen('mainExited');
    }
    if (this.#lastResult !== 'success') return this.#steps.signal('stop-sigterm', 'terminate', this.#lastResult);
    if (this.#steps.settings().type === 'oneshot')
      return this.#steps.next('execStart', () => this.#steps.enterStartPost());
    // It ended without ever having been ready.
    if (this.#steps.settings().type === 'notify') this.#steps.signal('stop-sigterm', 'terminate', 'protocol');
  }

  forkingParentExited(): void {
    if (this.#steps.settings().type !== 'forking') return;
    if (this.#lastResult !== 'success') return this.#steps.signal('stop-sigterm', 'terminate', this.#lastResult);
    this.lookForDaemon();
  }

  /** A forking service's daemon may take a moment to write its PID file. */
  lookForDaemon(): void {
    const found = findMainPid(this.#steps.settings(), this.processes);
    if (found.refusal !== undefined) this.#steps.say(`${this.#steps.name}: ${found.refusal}`, 4);
    if (found.pid !== undefined && this.processes.takeMain(found.pid)) return this.#steps.enterStartPost();
    if (this.#steps.settings().pidFile === undefined) return this.#steps.enterStartPost();
    setTimeout(() => this.happen('daemonDue'), pidFilePollMs);
  }

  becomeReady(): void {
    if (this.#steps.settings().type === 'notify') this.#steps.enterStartPost();
  }

  becomeExecuted(): void {
    if (this.#steps.settings().type === 'exec') this.#steps.enterStartPost();
  }

  startGroupEmptied(): void {
    if (this.#steps.settings().type === 'forking' && !this.processes.isAlive('control'))
      this.#steps.signal('stop-sigterm', 'terminate', 'protocol');
  }

  abortStart(): void {
    this.#steps.signal('stop-sigterm', 'terminate', 'success');
  }

  startTimedOut(): void {
    this.#steps.failStep(this.#steps.settings().timeoutStartFailureMode, 'timed out');
  }

  startPostExited(): void {
    if (this.#lastResult !== 'success') return this.#steps.enterStop(this.#lastResult);
    this.#steps.next('execStartPost', () => this.#steps.enterRunning('success'));
  }

  startPostTimedOut(): void {
    this.#steps.failStep(this.#steps.settings().timeoutStartFailureMode, 'timed out');
  }

  runningMainExited(): void {
    this.#steps.enterRunning(this.#lastResult);
  }

  runningGroupEmptied(): void {
    if (!this.processes.isAlive('main')) this.#steps.enterRunning('success');
  }

  runningTimedOut(): void {
    this.#steps.say(`${this.#steps.name}: Service reached runtime time limit. Stopping.`, 4);
    this.#steps.enterStop('timeout');
  }

  stopInOrder(): void {
    this.#steps.enterStop('success');
  }

  /** STOPPING=1: it goes by itself, and is waited for as if it had been asked. */
  stopByItself(): void {
    this.record.isSignalled = true;
    this.#steps.deadline.arm(this.#steps.settings().timeoutStopMs, 'timedOut');
    this.#steps.change('stop-sigterm');
  }

  /** RELOADING=1. */
  reloadByItself(): void {
    if (this.#steps.settings().type !== 'notify') return;
    this.record.isReloadingByItself = true;
    this.#steps.deadline.arm(this.#steps.startTimeoutMs(), 'timedOut');
    this.#steps.change('reload');
    this.#listener.onOwnReload();
  }

  endOwnReload(): void {
    if (this.record.isReloadingByItself && !this.processes.isAlive('control')) this.#steps.enterRunning('success');
  }

  reloadMainExited(): void {
    if (!this.processes.isAlive('control')) this.#steps.enterRunning(this.#lastResult);
  }

  beginReload(): void {
    this.record.hasReloadFailed = false;
    if (this.#steps.hasCommand('execReload', 0))
      this.#steps.runControl('reload', 'execReload', 0, this.#steps.startTimeoutMs());
  }

  reloadExited(): void {
    this.record.hasReloadFailed = this.#lastResult !== 'success';
    if (this.record.hasReloadFailed) return this.#steps.enterRunning('success');
    this.#steps.next('execReload', () => this.#steps.enterRunning('success'));
  }

  reloadTimedOut(): void {
    this.#steps.say(`${this.#steps.name}: Reload operation timed out. Killing reload process.`, 4);
    this.record.hasReloadFailed = true;
    if (this.processes.isAlive('control')) this.processes.signal('control', 'SIGKILL');
    this.#steps.enterRunning('success');
  }

  stopCommandExited(): void {
    this.#steps.keep(this.#lastResult);
    // The rest of the list is left out, here as in the others.
    if (this.#lastResult !== 'success') return this.#steps.signal('stop-sigterm', 'terminate', 'success');
    this.#steps.next('execStop', () => this.#steps.signal('stop-sigterm', 'terminate', 'success'));
  }

  stopCommandTimedOut(): void {
    this.#steps.failStep(this.#steps.settings().timeoutStopFailureMode, 'timed out');
  }

  watchdogKill(): void {
    this.#steps.say(`${this.#steps.name}: Watchdog timeout (limit ${formatTimeSpan(this.#steps.watchdogMs())})!`, 3);
    this.#steps.signal('stop-watchdog', 'watchdog', 'watchdog');
  }

  afterOomKill(): void {
    const policy = oomPolicyOf(this.#steps.settings().resources);
    if (policy === 'continue') return;
    // The kernel has killed the rest, where it can.
    if (policy === 'kill') this.#steps.signal('stop-sigkill', 'kill', 'oom-kill');
    else if (ACTIVE_STATES[this.record.state] === 'activating')
      this.#steps.signal('stop-sigterm', 'terminate', 'oom-kill');
    else this.#steps.enterStop('oom-kill');
  }

  afterStopSignal(): void {
    if (!this.processes.isAlive('main') && !this.processes.isAlive('control')) this.#steps.enterStopPost();
  }

  stopSignalTimedOut(): void {
    const { state } = this.record;
    if (state === 'stop-sigterm' && this.#steps.settings().timeoutStopFailureMode === 'abort') {
      this.#steps.failStep('abort', 'timed out');
    } else if (state !== 'stop-sigkill' && this.#steps.settings().sendSigkill) {
      this.#steps.failStep('kill', 'timed out');
    } else {
      this.#steps.say(`${this.#steps.name}: Processes still around after SIGKILL. Ignoring.`, 4);
      this.#steps.keep('timeout');
      this.#steps.enterStopPost();
    }
  }

  stopPostExited(): void {
    this.#steps.keep(this.#lastResult);
    if (this.#lastResult !== 'success') return this.#steps.signalRest('final-sigterm', 'terminate');
    this.#steps.next('execStopPost', () => this.#steps.signalRest('final-sigterm', 'terminate'));
  }

  stopPostTimedOut(): void {
    this.#steps.say(`${this.#steps.name}: State 'stop-post' timed out. Terminating.`, 4);
    this.#steps.keep('timeout');
    this.#steps.signalRest('final-sigterm', 'terminate');
  }

  afterFinalSignal(): void {
    const isWhole = this.#steps.settings().killMode === 'control-group' || this.#steps.settings().killMode === 'mixed';
    if (this.processes.isAlive('main') || this.processes.isAlive('control')) return;
    if (!isWhole || !this.processes.group.isPopulated()) this.#steps.enterDead('success');
  }

  finalSignalTimedOut(): void {
    this.#steps.keep('timeout');
    if (this.record.state === 'final-sigterm' && this.#steps.settings().sendSigkill)
      this.#steps.signalRest('final-sigkill', 'kill');
    else this.#steps.enterDead('timeout');
  }

  #processEnded(role: Role, end: ProcessEnd): void {
    if (role === 'main' && takeSuccessor(this.#steps.settings(), this.processes)) return;
    const { record } = this;
    const settings = this.#steps.settings();
    const isOutOfMemory = this.processes.takeOomKills() && oomPolicyOf(settings.resources) !== 'continue';
    if (isOutOfMemory) this.#steps.keep('oom-kill');
    const judged = judgeExit(role, end, settings, record.command);
    this.#lastResult = isOutOfMemory && judged.result !== 'success' ? 'oom-kill' : judged.result;
    if (judged.run !== undefined) record.runs = [...record.runs, judged.run].slice(-keptRuns);
    if (role === 'main') {
      record.mainEnd = end;
      this.#steps.keep(this.#lastResult);
    } else if (SIGNAL_STEPS[record.state] !== undefined) {
      // A command that the stop came upon.
      this.#steps.keep(this.#lastResult);
    }
    if (judged.result !== 'success')
      this.#steps.say(
        `${this.#steps.name}: ${role === 'main' ? 'Main' : 'Control'} process exited, ${formatExit(end, 'message')}`,
        5,
      );
    this.#listener.onRecorded();
    this.happen(role === 'main' ? 'mainExited' : 'controlExited');
    // It was another one whom the kernel killed.
    if (isOutOfMemory) this.happen('oomKilled');
  }

  #notified(notice: Notice): void {
    const { processes, record } = this;
    const settings = this.#steps.settings();
    const known = { main: record.main?.pid, control: record.control?.pid, members: () => processes.group.pids() };
    const said = mayNotify(settings, notice, known) ? parseNotification(notice.text) : undefined;
    if (said?.fdStore === 'add') processes.storedFds.add(notice.fds, said.fdName, settings.fileDescriptorStoreMax);
    else for (const fd of notice.fds) closeSync(fd); // a barrier is passed when its descriptor is closed
    if (said === undefined) return;
    this.#noteSaid(said);
    if (said.fdStore === 'remove' && said.fdName !== undefined) processes.storedFds.remove(said.fdName);
    if (said.fdStore !== undefined) this.#listener.onRecorded();
    if (said.mainPid !== undefined && known.members().includes(said.mainPid)) processes.takeMain(said.mainPid);
    if (said.extendTimeoutMs !== undefined && record.state !== 'auto-restart') {
      this.#steps.deadline.extend(said.extendTimeoutMs);
      this.#listener.onRecorded();
    }
    if (said.watchdog === 'ping' || said.watchdogMs !== undefined) this.#steps.petWatchdog();
    if (said.watchdog === 'trigger') this.happen('watchdogExpired');
    if (said.isStopping) this.happen('stopping');
    if (said.isReloading) this.happen('reloading');
    if (said.isReady && !said.isReloading) this.happen('ready');
  }

  #noteSaid(said: Notification): void {
    const { record } = this;
    record.statusText = said.status ?? record.statusText;
    record.statusErrno = said.errno ?? record.statusErrno;
    record.statusBusError = said.busError ?? record.statusBusError;
    record.watchdogMs = said.watchdogMs ?? record.watchdogMs;
    if (said.status !== undefined || said.errno !== undefined || said.watchdogMs !== undefined)
      this.#listener.onRecorded();
  }
}
