import { flushSocket } from '@bhatti/sys/network/socket.ts';
import { Alarm } from './alarm.ts';
import type { ServiceSettings } from './definition.ts';
import { hasMembers, signalMembers, type KillStep } from './kill.ts';
import { ServiceProcesses } from './service-processes.ts';
import { beginRun, newServiceRecord, type CommandKey, type ProcessEnd, type ServiceRecord } from './service-record.ts';
import { formatExit, judgeExit } from './service-result.ts';
import type { ActiveState } from './service-table.ts';
import type { ConnectionRecord } from './socket-connections.ts';
import { SocketInstances } from './socket-instances.ts';
import { SocketPorts, type Port } from './socket-ports.ts';
import {
  SOCKET_ACTIVE_STATES,
  SOCKET_TABLE,
  type SocketAction,
  type SocketEvent,
  type SocketState,
} from './socket-table.ts';
import { isDown } from './state-time.ts';
import {
  isAtRest,
  isStartLimited,
  newTriggerRecord,
  TriggerCore,
  type Trigger,
  type TriggerHost,
  type TriggerRecord,
} from './trigger.ts';
import { triggerBurst, type ListenSpec, type SocketSettings } from './trigger-settings.ts';
import { activeState, subState, type Unit } from './unit.ts';

/** Everything about a socket that must outlive lohar. */
export interface SocketRecord extends TriggerRecord<SocketState> {
  readonly kind: 'socket';
  /** What is open, in order; the descriptors are in the store. */
  ports: ListenSpec[];
  accepted: number;
  refused: number;
  connections: Record<string, ConnectionRecord>;
  /** Failed instances that are kept to be looked at, the oldest first. */
  failedInstances: string[];
  deadlineBootUs: number | undefined;
  /** Processes of its commands, in the form that services have. */
  commands: ServiceRecord;
}

export function newSocketRecord(): SocketRecord {
  return {
    kind: 'socket',
    ...newTriggerRecord(),
    ports: [],
    accepted: 0,
    refused: 0,
    connections: {},
    failedInstances: [],
    deadlineBootUs: undefined,
    commands: newServiceRecord(),
  };
}

const keptRuns = 16; // for `status`; a socket has rarely more commands

const EADDRINUSE = 98;
const openAttempts = 20;
const openAgainMs = 10;

/** One socket unit (systemd.socket(5)): the actions of its table. */
export class SocketUnit implements Trigger, Readonly<Record<SocketAction, () => void>> {
  readonly kind = 'socket';
  readonly record: SocketRecord;
  readonly ports: SocketPorts;
  readonly instances: SocketInstances;
  readonly processes: ServiceProcesses;
  readonly #core: TriggerCore<SocketState>;
  readonly #host: TriggerHost;
  readonly #deadline: Alarm;
  #lastResult = 'success';
  /** Why what an earlier lohar had open could not be taken up. */
  #adoptProblem: string | undefined;

  constructor(host: TriggerHost, record: SocketRecord) {
    this.#host = host;
    this.record = record;
    this.#core = new TriggerCore(host, record, SOCKET_ACTIVE_STATES);
    this.ports = new SocketPorts(host, (port) => this.#incoming(port));
    this.instances = new SocketInstances(this.#core, record);
    this.#deadline = new Alarm(host.wallClock, () => this.happen('timedOut'));
    this.processes = new ServiceProcesses(host.unit.name, host.context, record.commands, {
      onEnded: (_role, end) => this.#commandEnded(end),
      onNeverRan: () => this.#runAgain(),
      onGroupEmptied: () => this.happen('groupEmptied'),
      onOomKilled: () => {},
      onNotified: () => {},
      onRecorded: () => host.onRecorded(),
      commit: () => host.commit(),
    });
  }

  activeState(): ActiveState {
    return this.#core.activeState();
  }

  settings(): SocketSettings {
    const { trigger } = this.#core.definition();
    if (trigger?.kind !== 'socket') throw new Error(`${this.#core.name()} is no socket`);
    return trigger;
  }

  /** The one door: everything that happens to a socket goes through the table. */
  happen(event: SocketEvent): void {
    this[SOCKET_TABLE[this.record.state][event]]();
  }

  start(): boolean {
    const problem = this.#whyNotStart();
    if (problem !== undefined) {
      this.#core.say(`${this.#core.name()}: ${problem}`, 3);
      return false;
    }
    this.happen('start');
    return true;
  }

  stop(): void {
    this.happen('stop');
  }

  targetChanged(target: Unit): void {
    if (this.instances.isOne(target.name)) this.instances.changed(target);
    else this.happen('targetChanged');
  }

  reloaded(): void {
    this.instances.tieAll();
  }

  /** Before anything that it starts is looked at: that may be about to be given them. */
  adoptDescriptors(): void {
    this.instances.connections.adopt();
    if (isDown(this.activeState())) return;
    try {
      this.ports.adopt(this.record.ports, this.settings());
    } catch (error) {
      this.#adoptProblem = error instanceof Error ? error.message : String(error);
    }
  }

  adopt(): void {
    const { record } = this;
    this.instances.adopt();
    if (isDown(this.activeState())) return;
    if (this.#adoptProblem !== undefined) {
      this.processes.adopt(this.#exec());
      return this.#failToListen(this.#adoptProblem);
    }
    if (record.state !== 'listening' && record.state !== 'running') return this.#adoptCommand();
    if (record.state === 'listening') this.ports.arm();
    this.followTarget();
  }

  forgetFailure(): void {
    this.#core.forgetFailure();
  }

  // --- actions of the table, in the order of a socket's life ---

  ignore(): void {}

  begin(): void {
    const { record } = this;
    record.result = 'success';
    beginRun(record.commands);
    if (!this.#core.takeStart()) return this.#enterDead('start-limit-hit');
    if (!this.#run('start-pre', 'execStartPre', 0)) this.#open();
  }

  startPreExited(): void {
    if (this.#lastResult !== 'success') return this.#signal('final-sigterm', 'terminate', this.#lastResult);
    this.#next('execStartPre', () => this.#open());
  }

  startPostExited(): void {
    if (this.#lastResult !== 'success') return this.#enterStopPre(this.#lastResult);
    this.#next('execStartPost', () => this.#listen());
  }

  startTimedOut(): void {
    this.#core.say(`${this.#core.name()}: Starting timed out. Terminating.`, 4);
    this.#signal(this.record.state === 'start-pre' ? 'final-sigterm' : 'stop-pre-sigterm', 'terminate', 'timeout');
  }

  abortStart(): void {
    this.#signal(this.record.state === 'start-pre' ? 'final-sigterm' : 'stop-pre-sigterm', 'terminate', 'success');
  }

  /** Something has come in while nobody serves: one service for all, or one for each. */
  take(): void {
    if (!this.settings().accept) this.#fire();
  }

  followTarget(): void {
    if (this.settings().accept) return;
    const target = this.#core.target();
    if (isStartLimited(target)) return this.#enterStopPre('service-start-limit-hit');
    // What is about to become of it decides.
    if (target !== undefined && target.job !== undefined) return;
    const isServed = !isAtRest(target) && !isPausing(target);
    // A service that has done its work and stays takes nothing from it.
    const isRunning = target !== undefined && subState(target) === 'running';
    if (isRunning && this.record.state === 'listening') this.#core.change('running');
    if (isServed || this.record.state !== 'running') return;
    if (this.settings().flushPending) this.ports.each(({ fd, isListening }) => flushSocket(fd, isListening));
    this.#listen();
  }

  stopInOrder(): void {
    this.#enterStopPre('success');
  }

  stopPreExited(): void {
    this.#keep(this.#lastResult);
    this.#next('execStop', () => this.#signal('stop-pre-sigterm', 'terminate', 'success'));
  }

  stopPreTimedOut(): void {
    this.#core.say(`${this.#core.name()}: Stopping timed out. Terminating.`, 4);
    this.#signal('stop-pre-sigterm', 'terminate', 'timeout');
  }

  afterStopSignal(): void {
    if (this.#isQuiet()) this.#enterStopPost();
  }

  stopSignalTimedOut(): void {
    if (this.record.state === 'stop-pre-sigterm') return this.#signal('stop-pre-sigkill', 'kill', 'timeout');
    this.#keep('timeout');
    this.#enterStopPost();
  }

  stopPostExited(): void {
    this.#keep(this.#lastResult);
    this.#next('execStopPost', () => this.#signal('final-sigterm', 'terminate', 'success'));
  }

  stopPostTimedOut(): void {
    this.#core.say(`${this.#core.name()}: Stopping timed out. Terminating.`, 4);
    this.#signal('final-sigterm', 'terminate', 'timeout');
  }

  afterFinalSignal(): void {
    if (this.#isQuiet()) this.#enterDead('success');
  }

  finalSignalTimedOut(): void {
    if (this.record.state === 'final-sigterm') this.#signal('final-sigkill', 'kill', 'timeout');
    else this.#enterDead('timeout');
  }

  // --- steps between states ---

  #whyNotStart(): string | undefined {
    if (this.settings().accept) return undefined;
    const target = this.#core.loadedTarget();
    const name = this.#core.targetName();
    if (target === undefined) return `Socket service ${name} not loaded, refusing.`;
    if (!isDown(activeState(target)) && !isPausing(target)) return `Socket service ${name} already active, refusing.`;
    return undefined;
  }

  #open(attempt = 1): void {
    this.record.commands.command = undefined;
    try {
      this.ports.open(this.settings());
    } catch (error) {
      // What was closed a moment ago lives on for some milliseconds, until the thread that looked at it has let go.
      if (isInUse(error) && attempt < openAttempts) return this.#openLater(attempt + 1);
      return this.#failToListen(error instanceof Error ? error.message : String(error));
    }
    this.record.ports = this.ports.specs();
    if (!this.#run('start-post', 'execStartPost', 0)) this.#listen();
  }

  #failToListen(why: string): void {
    this.#core.say(`${this.#core.name()}: Failed to listen on sockets: ${why}`, 4);
    this.#enterStopPre('resources');
  }

  #openLater(attempt: number): void {
    if (this.record.state !== 'start-pre') this.#core.change('start-pre');
    this.#deadline.cancel();
    setTimeout(() => {
      if (this.record.state === 'start-pre') this.#open(attempt);
    }, openAgainMs);
  }

  #listen(): void {
    this.#deadline.cancel();
    this.record.deadlineBootUs = undefined;
    this.#core.change('listening');
    this.ports.arm();
  }

  #incoming(port: Port): void {
    if (this.record.state !== 'listening' || !this.settings().accept) return this.happen('incoming');
    if (this.#core.isToStop()) return;
    const taking = this.instances.take(port, this.settings(), () => this.#mayTrigger());
    if (taking === 'done') port.arm();
    else if (taking !== 'limited') this.#cannotStart(taking.problem);
  }

  #fire(): void {
    if (this.#core.isToStop() || !this.#mayTrigger()) return;
    const problem = this.#core.tryStart(this.#core.target());
    if (problem === undefined) return this.#core.change('running');
    this.#cannotStart(problem);
  }

  #mayTrigger(): boolean {
    const settings = this.settings();
    if (this.#core.takeTrigger({ ...settings.triggerLimit, burst: triggerBurst(settings) })) return true;
    this.#enterStopPre('trigger-limit-hit');
    return false;
  }

  #cannotStart(problem: string): void {
    const kind = this.settings().accept ? 'not a template unit' : 'a template unit';
    this.#core.say(
      `${this.#core.name()}: Failed to queue service startup job (Maybe the service file is missing or ${kind}?): ${problem}`,
      4,
    );
    this.#enterStopPre('resources');
  }

  #enterStopPre(result: string): void {
    this.#keep(result);
    this.ports.disarm();
    if (!this.#run('stop-pre', 'execStop', 0)) this.#signal('stop-pre-sigterm', 'terminate', 'success');
  }

  #enterStopPost(): void {
    this.ports.close(this.settings());
    this.record.ports = [];
    if (!this.#run('stop-post', 'execStopPost', 0)) this.#signal('final-sigterm', 'terminate', 'success');
  }

  #enterDead(result: string): void {
    this.#deadline.cancel();
    this.record.deadlineBootUs = undefined;
    this.record.commands.command = undefined;
    this.ports.close(this.settings());
    this.record.ports = [];
    this.processes.release(this.#exec(), this.#host.unit.job?.type === 'restart' ? 'until it is back' : 'for good');
    this.#core.end(result);
  }

  /** Signals what its commands left and waits for it; with nobody to wait for goes on at once. */
  #signal(
    state: 'stop-pre-sigterm' | 'stop-pre-sigkill' | 'final-sigterm' | 'final-sigkill',
    step: KillStep,
    result: string,
  ): void {
    this.#keep(result);
    if (hasMembers(this.processes, this.#exec(), step)) {
      signalMembers(this.processes, this.#exec(), step);
      this.#core.change(state);
      this.#arm();
    } else if (state.startsWith('stop')) {
      this.#enterStopPost();
    } else {
      this.#enterDead('success');
    }
  }

  /** False when there is no such command. */
  #run(state: SocketState, key: CommandKey, index: number): boolean {
    if (this.#exec()[key][index] === undefined) return false;
    if (this.record.state !== state) this.#core.change(state);
    this.#arm();
    this.#spawn(state, key, index);
    return true;
  }

  #spawn(state: SocketState, key: CommandKey, index: number): void {
    try {
      this.processes.spawn('control', this.#exec(), key, index, (open) => open());
    } catch (error) {
      this.#core.say(`${this.#core.name()}: ${error instanceof Error ? error.message : String(error)}`, 4);
      this.#core.say(`${this.#core.name()}: Failed to run '${state}' task`, 4);
      this.#signal(state === 'start-post' ? 'stop-pre-sigterm' : 'final-sigterm', 'terminate', 'resources');
    }
  }

  /** What an earlier lohar was about to start. */
  #runAgain(): void {
    const { command } = this.record.commands;
    if (command === undefined || command.isStarted) return;
    // Its file has changed since: the list is at its end.
    if (this.#exec()[command.key][command.index] === undefined) this.happen('controlExited');
    else this.#spawn(this.record.state, command.key, command.index);
  }

  #next(key: CommandKey, afterLast: () => void): void {
    const index = (this.record.commands.command?.index ?? 0) + 1;
    if (!this.#run(this.record.state, key, index)) afterLast();
  }

  #commandEnded(end: ProcessEnd): void {
    const { commands } = this.record;
    const judged = judgeExit('control', end, this.#exec(), commands.command);
    this.#lastResult = judged.result;
    if (judged.run !== undefined) commands.runs = [...commands.runs, judged.run].slice(-keptRuns);
    if (judged.result !== 'success')
      this.#core.say(`${this.#core.name()}: Control process exited, ${formatExit(end, 'message')}`, 5);
    this.#host.onRecorded();
    this.happen('controlExited');
  }

  /** It died in the middle of its commands, of what they left, or between two tries to open. */
  #adoptCommand(): void {
    const { commands, deadlineBootUs, state } = this.record;
    this.processes.adopt(this.#exec());
    this.#deadline.set({ bootUs: deadlineBootUs, realtimeUs: undefined });
    if (commands.command?.isStarted === false) return this.#runAgain();
    // The last process may have gone before the group was looked at.
    queueMicrotask(() => {
      if (state === 'start-pre' && commands.command === undefined) this.#open();
      else if (!this.processes.group.isPopulated()) this.happen('groupEmptied');
    });
  }

  #arm(): void {
    const { timeoutMs } = this.settings();
    const { wallClock } = this.#host;
    this.record.deadlineBootUs = timeoutMs === Infinity ? undefined : wallClock.boottimeUs() + timeoutMs * 1_000;
    this.#deadline.set({ bootUs: this.record.deadlineBootUs, realtimeUs: undefined });
  }

  #isQuiet(): boolean {
    return !this.processes.isAlive('control') && !this.processes.group.isPopulated();
  }

  /** The first failure is the unit's. */
  #keep(result: string): void {
    if (this.record.result === 'success') this.record.result = result;
  }

  #exec(): ServiceSettings {
    const { exec } = this.settings();
    if (exec === undefined) throw new Error(`${this.#core.name()} has no settings for its commands`);
    return exec;
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === EADDRINUSE;
}

/** It waits to be started again: until then what comes in is the socket's. */
function isPausing(unit: Unit | undefined): boolean {
  return unit?.body.kind === 'service' && unit.body.service.record.state === 'auto-restart';
}
