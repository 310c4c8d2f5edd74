import { cpus, loadavg, totalmem } from 'node:os';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { report } from '../../harness.ts';
import type { LinkCheck } from '../link/check.ts';
import type { Measurement } from '../workload/workload.ts';
import { figureNames, figuresOf, summarise, type FigureName } from './summary.ts';
import { tableOf, verdictsOf } from './table.ts';
import { judge } from './targets.ts';
import { drawChart } from './chart.ts';

export interface Findings {
  readonly measurements: readonly Measurement[];
  /** Measurements that did not come about, and why. */
  readonly failures: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  readonly linkChecks: readonly LinkCheck[];
  readonly minutes: number;
}

const units: Readonly<Record<FigureName, Parameters<typeof report>[1]>> = {
  drawn: 'per second',
  shown: 'per second',
  frameP50: 'ms',
  frameP95: 'ms',
  keyP50: 'ms',
  keyP95: 'ms',
  serverShareP50: 'ms',
  kbitPerSecond: 'kbit/s',
  kbytePerFrame: 'kB',
  cpuPercent: '%',
  cpuMsPerFrame: 'ms',
  ssimMoving: 'SSIM',
  ssimResting: 'SSIM',
  equalResting: 'share',
  memoryMb: 'MB',
  memoryWithoutXMb: 'MB',
};

/** Prints one JSON line a figure, whose samples are the runs, then the tables; leaves all as JSON and as a chart in `outDir`. */
export async function conclude(findings: Findings, outDir: string): Promise<void> {
  const summaries = summarise(findings.measurements);
  for (const { link, workload, server } of summaries) {
    const runs = findings.measurements
      .filter((entry) => entry.link === link && entry.workload === workload && entry.server === server)
      .map((entry) => figuresOf([entry]));
    for (const name of figureNames) {
      const samples = runs.flatMap((figures) => figures[name] ?? []);
      if (samples.length > 0) report(`display-${link}-${workload}-${server}-${name}`, units[name], samples);
    }
  }
  const verdicts = judge(summaries);
  const text = [headOf(findings), tableOf(summaries), verdictsOf(verdicts), ...findings.failures].join('\n\n');
  console.log(`\n${text}`);
  writeFileSync(join(outDir, 'table.txt'), `${text}\n`);
  writeFileSync(
    join(outDir, 'figures.json'),
    `${JSON.stringify({ ...findings, summaries, verdicts }, undefined, 1)}\n`,
  );
  await drawChart(summaries, outDir);
}

function headOf({ versions, linkChecks, minutes }: Findings): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg().map((value) => value.toFixed(1));
  return [
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${memory} GB; ${minutes.toFixed(0)} minutes, load at the end ${load.join(' ')}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    ...linkChecks.map(
      ({ name, roundTripMs, mbitPerSecond }) =>
        `link ${name}: an HTTP exchange takes ${roundTripMs.toFixed(1)} ms, a download has ${mbitPerSecond.toFixed(1)} Mbit/s`,
    ),
  ].join('\n');
}
