import { mkdirSync } from 'node:fs';
import { PATH_ACTIVE_STATES, PATH_TABLE, type PathAction, type PathEvent, type PathState } from './path-table.ts';
import { isFulfilled, PathWatch, stampOf } from './path-watch.ts';
import type { ActiveState } from './service-table.ts';
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
import { triggerBurst, type PathSettings, type PathSpec } from './trigger-settings.ts';
import { activeState } from './unit.ts';

/** Everything about a path unit that must outlive lohar. */
export interface PathRecord extends TriggerRecord<PathState> {
  readonly kind: 'path';
  /** How each path was when it was last looked at. */
  stamps: Record<string, string>;
}

export function newPathRecord(): PathRecord {
  return { kind: 'path', ...newTriggerRecord(), stamps: {} };
}

/** One path unit (systemd.path(5)): the actions of its table. */
export class PathUnit implements Trigger, Readonly<Record<PathAction, () => void>> {
  readonly kind = 'path';
  readonly record: PathRecord;
  readonly #core: TriggerCore<PathState>;
  readonly #host: TriggerHost;
  #watch: PathWatch | undefined;
  /** Those of the paths that wait for changes to which one has happened. */
  #changed: readonly PathSpec[] = [];

  constructor(host: TriggerHost, record: PathRecord) {
    this.#host = host;
    this.record = record;
    this.#core = new TriggerCore(host, record, PATH_ACTIVE_STATES);
  }

  activeState(): ActiveState {
    return this.#core.activeState();
  }

  settings(): PathSettings {
    const { trigger } = this.#core.definition();
    if (trigger?.kind !== 'path') throw new Error(`${this.#core.name()} is no path`);
    return trigger;
  }

  /** The one door: everything that happens to a path goes through the table. */
  happen(event: PathEvent): void {
    this[PATH_TABLE[this.record.state][event]]();
  }

  start(): boolean {
    if (!this.#core.hasLoadedTarget()) return false;
    this.happen('start');
    return true;
  }

  stop(): void {
    this.happen('stop');
  }

  targetChanged(): void {
    this.happen('targetChanged');
  }

  reloaded(): void {
    this.happen('reloaded');
  }

  adopt(): void {
    if (this.record.state === 'running') return this.awaitRest();
    if (this.record.state !== 'waiting') return;
    const { paths } = this.settings();
    this.#changed = paths.filter((spec) => waitsForChange(spec) && this.record.stamps[spec.path] !== stampOf(spec));
    this.#openWatch();
    this.look();
  }

  forgetFailure(): void {
    this.#core.forgetFailure();
  }

  // --- actions of the table ---

  ignore(): void {}

  begin(): void {
    const { makeDirectory, directoryMode, paths } = this.settings();
    this.record.result = 'success';
    if (!this.#core.takeStart()) return this.#end('start-limit-hit');
    if (makeDirectory) for (const { kind, path } of paths) if (kind !== 'PathExists') this.#make(path, directoryMode);
    this.#enterWaiting('begun');
  }

  end(): void {
    this.#end('success');
  }

  look(): void {
    const reason = this.settings().paths.find((spec) => this.#isReason(spec));
    this.#changed = [];
    if (reason === undefined) return this.#takeStamps();
    this.#fire(reason);
  }

  /** Somebody else has started the unit: what changes while it runs is its own affair. */
  noticeStart(): void {
    if (isStartLimited(this.#core.target())) return this.#end('unit-start-limit-hit');
    const target = this.#core.target();
    if (target === undefined || isDown(activeState(target))) return;
    this.#closeWatch();
    this.#core.change('running');
  }

  awaitRest(): void {
    const target = this.#core.target();
    if (isStartLimited(target)) return this.#end('unit-start-limit-hit');
    if (isAtRest(target)) this.#enterWaiting('rested');
  }

  watchAgain(): void {
    this.#closeWatch();
    this.#enterWaiting('rested');
  }

  // --- helpers ---

  /** First it watches and then it looks, so that nothing comes in between. */
  #enterWaiting(why: 'begun' | 'rested'): void {
    this.#openWatch();
    // A change has to come after the beginning, and what happened while its unit ran does not count.
    this.#changed = [];
    if (why === 'begun') this.record.stamps = {};
    this.#takeStamps();
    if (this.record.state !== 'waiting') this.#core.change('waiting');
    this.look();
  }

  #isReason(spec: PathSpec): boolean {
    if (!waitsForChange(spec)) return isFulfilled(spec);
    if (this.#changed.includes(spec)) return true;
    // It has come or gone, which only those see that lead to it.
    return (this.record.stamps[spec.path] ?? '') === '' ? isFulfilled(spec) : !isFulfilled(spec);
  }

  #takeStamps(): void {
    const { paths } = this.settings();
    const stamps = paths.flatMap((spec) => (waitsForChange(spec) ? [[spec.path, stampOf(spec)] as const] : []));
    this.record.stamps = Object.fromEntries(stamps);
    if (stamps.length > 0) this.#host.onRecorded();
  }

  #fire(reason: PathSpec): void {
    if (this.#core.isToStop()) return;
    const settings = this.settings();
    if (!this.#core.takeTrigger({ ...settings.triggerLimit, burst: triggerBurst(settings) }))
      return this.#end('trigger-limit-hit');
    const problem = this.#core.tryStart(this.#core.target(), { TRIGGER_PATH: reason.path });
    if (problem !== undefined) {
      this.#core.say(`${this.#core.name()}: Failed to queue unit startup job: ${problem}`, 4);
      return this.#end('resources');
    }
    this.#closeWatch();
    this.#core.change('running');
  }

  #end(result: string): void {
    this.#closeWatch();
    this.#core.end(result);
  }

  #openWatch(): void {
    this.#watch ??= new PathWatch(this.#host.context.thread, this.settings().paths, (changed) => {
      this.#changed = [...this.#changed, ...changed];
      this.happen('stirred');
    });
  }

  #closeWatch(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  #make(path: string, mode: number): void {
    try {
      mkdirSync(path, { recursive: true, mode });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#core.say(`${this.#core.name()}: Failed to create directory '${path}', ignoring: ${why}`, 4);
    }
  }
}

function waitsForChange({ kind }: PathSpec): boolean {
  return kind === 'PathChanged' || kind === 'PathModified';
}
