import { percentile } from '../../harness.ts';
import type { LinkName } from '../link/network.ts';
import type { ServerName } from '../peer/display-server.ts';
import type { Measured, Measurement, WorkloadName } from '../workload/workload.ts';

/** All runs of one workload with one server over one link, together. */
export interface Summary {
  readonly link: LinkName;
  readonly workload: WorkloadName;
  readonly server: ServerName;
  readonly figures: Readonly<Partial<Record<FigureName, number>>>;
}

export const figureNames = [
  'drawn', // frames per second, as are those shown
  'shown',
  'frameP50', // ms, as are all latencies
  'frameP95',
  'keyP50',
  'keyP95',
  'serverShareP50',
  'kbitPerSecond',
  'kbytePerFrame',
  'cpuPercent',
  'cpuMsPerFrame',
  'ssimMoving',
  'ssimResting',
  'equalResting', // share, 0 to 1
  'memoryMb',
  'memoryWithoutXMb',
] as const;
export type FigureName = (typeof figureNames)[number];

export function summarise(measurements: readonly Measurement[]): Summary[] {
  const groups = Map.groupBy(measurements, ({ link, workload, server }) => `${link} ${workload} ${server}`);
  return [...groups.values()].flatMap((runs) => {
    const [first] = runs;
    if (first === undefined) return [];
    const { link, workload, server } = first;
    return [{ link, workload, server, figures: figuresOf(runs) }];
  });
}

/** The figures of some runs of the same thing: sums over all of the time, and latencies over all events. */
export function figuresOf(runs: readonly Measured[]): Summary['figures'] {
  const sum = (of: (run: Measured) => number | undefined) => runs.reduce((total, run) => total + (of(run) ?? 0), 0);
  const pooled = (of: (run: Measured) => readonly number[] | undefined) => runs.flatMap((run) => of(run) ?? []);
  const single = (of: (run: Measured) => number | undefined) => runs.map(of).filter((value) => value !== undefined);
  const seconds = sum((run) => run.seconds);
  const bytes = sum((run) => run.bytes);
  const cpuMs = sum((run) => run.cpuSeconds) * 1000;
  const moves = runs.some(({ framesShown }) => framesShown !== undefined);
  const shown = sum((run) => run.framesShown);
  const frames = pooled((run) => run.frameLatenciesMs);
  const keys = pooled((run) => run.keyLatenciesMs);
  const all: Record<FigureName, number | undefined> = {
    drawn: moves ? sum((run) => run.framesDrawn) / seconds : undefined,
    shown: moves ? shown / seconds : undefined,
    frameP50: quantile(frames, 0.5),
    frameP95: quantile(frames, 0.95),
    keyP50: quantile(keys, 0.5),
    keyP95: quantile(keys, 0.95),
    serverShareP50: quantile(
      pooled((run) => run.serverSharesMs),
      0.5,
    ),
    kbitPerSecond: (bytes * 8) / 1000 / seconds,
    kbytePerFrame: moves && shown > 0 ? bytes / 1000 / shown : undefined,
    cpuPercent: cpuMs / 10 / seconds,
    cpuMsPerFrame: moves && shown > 0 ? cpuMs / shown : undefined,
    ssimMoving: mean(pooled((run) => run.ssimMoving)),
    ssimResting: least(single((run) => run.ssimResting)),
    equalResting: least(single((run) => run.equalResting)),
    memoryMb: mean(single((run) => run.memoryMb?.all)),
    memoryWithoutXMb: mean(single((run) => run.memoryMb?.withoutX)),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function quantile(values: readonly number[], fraction: number): number | undefined {
  return values.length === 0 ? undefined : percentile(values, fraction);
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function least(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.min(...values);
}
