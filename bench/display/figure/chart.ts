// The chart of the documentation, drawn by gnuplot: one panel a figure, one bar a server.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun } from '../run-program.ts';
import type { LinkName } from '../link/network.ts';
import type { ServerName } from '../peer/display-server.ts';
import type { WorkloadName } from '../workload/workload.ts';
import type { FigureName, Summary } from './summary.ts';

interface Panel {
  readonly title: string;
  readonly figure: FigureName;
  /** What a figure is multiplied by to be in the unit of the title. */
  readonly scale?: number;
  readonly bars: readonly (readonly [label: string, link: LinkName, workload: WorkloadName])[];
}

const motion = [
  ['scrolling text', 'lan', 'scroll'],
  ['dragging a window', 'lan', 'drag'],
  ['video 60 fps, full', 'lan', 'video-60-full'],
] as const satisfies Panel['bars'];

const panels: readonly Panel[] = [
  {
    title: 'Key press → pixel in the browser, p50, ms (less is better)',
    figure: 'keyP50',
    bars: [
      ['desktop at rest', 'lan', 'key'],
      ['xterm', 'lan', 'typing'],
      ['20 Mbit/s + 40 ms', '20mbit', 'key'],
      ['5 Mbit/s + 80 ms', '5mbit', 'key'],
    ],
  },
  {
    title: 'Frames shown a second (more is better)',
    figure: 'shown',
    bars: [
      ['video 60 fps, full', 'lan', 'video-60-full'],
      ['at 20 Mbit/s', '20mbit', 'video-60-full'],
      ['at 5 Mbit/s', '5mbit', 'video-60-full'],
      ['scrolling text', 'lan', 'scroll'],
    ],
  },
  { title: 'Bytes a shown frame, kB (less is better)', figure: 'kbytePerFrame', bars: motion },
  {
    title: 'Processor time a shown frame, X server included, ms (less is better)',
    figure: 'cpuMsPerFrame',
    bars: motion,
  },
  {
    title: 'A frame drawn → in the browser, p95, video 30 fps, full, ms (less is better)',
    figure: 'frameP95',
    bars: [
      ['LAN', 'lan', 'video-30-full'],
      ['20 Mbit/s + 40 ms', '20mbit', 'video-30-full'],
      ['5 Mbit/s + 80 ms', '5mbit', 'video-30-full'],
    ],
  },
  {
    title: 'Pixels that are exact one second after motion, % (more is better)',
    figure: 'equalResting',
    scale: 100,
    bars: motion,
  },
];

const looks: Readonly<Record<ServerName, { readonly colour: string; readonly title: string }>> = {
  ours: { colour: '#d9480f', title: 'bhatti' },
  tigervnc: { colour: '#495057', title: 'TigerVNC' },
  x11vnc: { colour: '#adb5bd', title: 'x11vnc' },
};
// SAFETY: the keys of that object are these names.
const servers = Object.keys(looks) as ServerName[];

/** Writes the chart as `chart.png`, and beside it what gnuplot drew it from. What was not measured is left out. */
export async function drawChart(summaries: readonly Summary[], outDir: string): Promise<void> {
  const head = [
    `set terminal pngcairo size 1200,1040 font 'DejaVu Sans,10'`,
    `set output '${join(outDir, 'chart.png')}'`,
    `set multiplot layout 3,2`,
    `set style data histograms`,
    `set style histogram clustered gap 1`,
    `set style fill solid`,
    `set border 3 lc '#adb5bd'`,
    `set tics nomirror scale 0 tc '#212529'`,
    `set yrange [0:*]`,
    `set offsets 0, 0, graph 0.08, 0`,
    `set datafile missing '-'`,
    `set key outside bottom center horizontal samplen 1`,
  ];
  const script = join(outDir, 'chart.gnuplot');
  writeFileSync(script, [...head, ...panels.flatMap((panel) => panelOf(panel, summaries)), ''].join('\n'));
  await mustRun('gnuplot', script);
}

function panelOf({ title, figure, scale = 1, bars }: Panel, summaries: readonly Summary[]): string[] {
  const rows = bars.flatMap(([label, link, workload]) => {
    const values = servers.map((server) => {
      const found = summaries.find((of) => of.link === link && of.workload === workload && of.server === server);
      const value = found?.figures[figure];
      return value === undefined ? '-' : value * scale;
    });
    return values.every((value) => value === '-') ? [] : [`"${label}" ${values.join(' ')}`];
  });
  if (rows.length === 0) return [];
  const plots = servers.flatMap((server, index) => {
    const { colour, title: name } = looks[server];
    const [column, x] = [index + 2, (index - 1) / 4];
    return [
      `$rows using ${column}:xtic(1) title '${name}' lc rgb '${colour}'`,
      `$rows using ($0+${x}):${column}:(sprintf($${column} < 100 ? '%.1f' : '%.0f', $${column})) with labels offset 0,0.6 font ',8' notitle`,
    ];
  });
  return ['$rows << EOD', ...rows, 'EOD', `set title '${title}'`, `plot ${plots.join(', ')}`];
}
