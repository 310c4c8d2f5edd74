import type { FigureName, Summary } from './summary.ts';
import type { Verdict } from './targets.ts';

interface Column {
  readonly title: string;
  readonly figure: FigureName;
  readonly digits: number;
}

const columns: readonly Column[] = [
  { title: 'drawn/s', figure: 'drawn', digits: 1 },
  { title: 'shown/s', figure: 'shown', digits: 1 },
  { title: 'frame p50', figure: 'frameP50', digits: 0 },
  { title: 'p95 ms', figure: 'frameP95', digits: 0 },
  { title: 'key p50', figure: 'keyP50', digits: 1 },
  { title: 'p95 ms', figure: 'keyP95', digits: 1 },
  { title: 'kbit/s', figure: 'kbitPerSecond', digits: 1 },
  { title: 'kB/frame', figure: 'kbytePerFrame', digits: 1 },
  { title: 'CPU %', figure: 'cpuPercent', digits: 2 },
  { title: 'ms/frame', figure: 'cpuMsPerFrame', digits: 1 },
  { title: 'SSIM', figure: 'ssimMoving', digits: 4 },
  { title: 'after 1 s', figure: 'ssimResting', digits: 4 },
  { title: 'exact', figure: 'equalResting', digits: 3 },
];

/** All summaries as one table of text, links and workloads in the order of their measurement. */
export function tableOf(summaries: readonly Summary[]): string {
  const rows = summaries.map(({ link, workload, server, figures }) => [
    link,
    workload,
    server,
    ...columns.map(({ figure, digits }) => figures[figure]?.toFixed(digits) ?? '–'),
  ]);
  return aligned([['link', 'workload', 'server', ...columns.map(({ title }) => title)], ...rows], 3);
}

export function verdictsOf(verdicts: readonly Verdict[]): string {
  const word = { true: 'met', false: 'NOT MET', undefined: '–' };
  const rows = verdicts.map(({ what, target, is, isMet }) => [what, target, is, word[`${isMet}`]]);
  return aligned([['what', 'target', 'measured', ''], ...rows], 4);
}

/** The first columns to the left, the others, which are numbers, to the right. */
function aligned(rows: readonly (readonly string[])[], leftColumns: number): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < leftColumns ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
