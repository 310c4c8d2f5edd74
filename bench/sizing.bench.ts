// The four recommended sizes, each measured as it is used: one JSON line a row, and the table of docs/sizing.md made anew from them.
import { cpus } from 'node:os';
import { join } from 'node:path';
import { Cli } from '../tests/support/cli.ts';
import { TestDaemon } from '../tests/support/daemon.ts';
import { percentile } from './harness.ts';
import { measureRow, type SizingFigures, type SizingHost, type SizingRun } from './sizing/measure-row.ts';
import { sizingRows, type SizingRow } from './sizing/rows.ts';

const runs = 3;
const document = join(import.meta.dir, '..', 'docs', 'sizing.md');
const [tableBegins, tableEnds] = ['<!-- figures: npm run bench -- sizing -->', '<!-- end of figures -->'];

await using daemon = await TestDaemon.start({ images: ['computer'] });
const client = new Cli(daemon.runDir);
const host: SizingHost = { daemon, cli };

// Round by round, so that a machine whose speed drifts does not favour a row.
const measured = sizingRows.map((row) => ({ row, runs: [] as SizingRun[] }));
for (let run = 0; run < runs; run++) {
  for (const [i, each] of measured.entries()) each.runs.push(await measureRow(host, each.row, `s${run}-${i}`));
}
for (const each of measured) console.log(JSON.stringify(resultOf(each)));
const text = await Bun.file(document).text();
const [before, after] = [text.split(tableBegins)[0] ?? '', text.split(tableEnds)[1] ?? ''];
await Bun.write(document, `${before}${tableBegins}\n\n${tableOf(measured.map(resultOf))}\n\n${tableEnds}${after}`);

interface SizingResult extends SizingFigures {
  readonly bench: 'sizing';
  readonly row: SizingRow;
  readonly runs: number;
  readonly cores: number;
  readonly notices: readonly string[];
  readonly loads: readonly number[];
}

/** The middle of all runs, figure by figure. */
function resultOf({ row, runs: all }: { readonly row: SizingRow; readonly runs: readonly SizingRun[] }): SizingResult {
  const middle = (figure: (figures: SizingFigures) => number | undefined) => {
    const samples = all.map(({ figures }) => figure(figures)).filter((sample) => sample !== undefined);
    return samples.length === 0 ? undefined : Math.round(percentile(samples, 0.5) * 10) / 10;
  };
  return {
    bench: 'sizing',
    row,
    runs: all.length,
    cores: all[0]?.cores ?? 0,
    notices: all[0]?.notices ?? [],
    loads: all.map(({ load }) => Math.round(load * 10) / 10),
    restMemoryMb: middle(({ restMemoryMb }) => restMemoryMb) ?? 0,
    restCpuPercent: middle(({ restCpuPercent }) => restCpuPercent) ?? 0,
    useMemoryMb: middle(({ useMemoryMb }) => useMemoryMb) ?? 0,
    scrollCpuPercent: middle(({ scrollCpuPercent }) => scrollCpuPercent) ?? 0,
    scrollFps: middle(({ scrollFps }) => scrollFps) ?? 0,
    filmCpuPercent: middle(({ filmCpuPercent }) => filmCpuPercent),
    filmFps: middle(({ filmFps }) => filmFps),
    screenshotMs: middle(({ screenshotMs }) => screenshotMs) ?? 0,
    diskMb: middle(({ diskMb }) => diskMb) ?? 0,
  };
}

function tableOf(results: readonly SizingResult[]): string {
  const head = ['workload', '`--cpus`', '`--memory`', 'at rest', 'in use', 'scrolling', 'film', 'screenshot', 'disk'];
  const rows = results.map(({ row, ...result }) => [
    row.workload,
    row.recommended.cpus,
    row.recommended.memory,
    `${Math.round(result.restMemoryMb)} MB, ${result.restCpuPercent} %`,
    `${Math.round(result.useMemoryMb)} MB`,
    `${Math.round(result.scrollFps)} frames/s, ${Math.round(result.scrollCpuPercent)} %`,
    result.filmFps === undefined
      ? '–'
      : `${Math.round(result.filmFps)} frames/s, ${Math.round(result.filmCpuPercent ?? 0)} %`,
    `${Math.round(result.screenshotMs)} ms`,
    `${result.diskMb} MB`,
  ]);
  const loads = results.flatMap((each) => each.loads);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    `A machine with ${cpus().length} cores, whose load was between ${Math.min(...loads)} and ${Math.max(...loads)} when the runs began; the middle of ${runs} runs. Processor time is in percent of one core.`,
    '',
    line(head),
    line(head.map(() => '---')),
    ...rows.map(line),
  ].join('\n');
}

function cli(...args: string[]): Promise<string> {
  return client.must(args);
}
