// The chart of the documentation: one panel a figure, one bar a server.
import type { LinkName } from '../link/network.ts';
import type { ServerName } from '../peer/display-server.ts';
import type { WorkloadName } from '../workload/workload.ts';
import type { FigureName, Summary } from './summary.ts';

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly figure: FigureName;
  readonly bars: readonly (readonly [label: string, link: LinkName, workload: WorkloadName])[];
}

const panels: readonly Panel[] = [
  {
    title: 'Key press → pixel in the browser, p50 (less is better)',
    unit: 'ms',
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
    unit: '',
    figure: 'shown',
    bars: [
      ['video 60 fps, full', 'lan', 'video-60-full'],
      ['at 20 Mbit/s', '20mbit', 'video-60-full'],
      ['at 5 Mbit/s', '5mbit', 'video-60-full'],
      ['scrolling text', 'lan', 'scroll'],
    ],
  },
  {
    title: 'Bytes a shown frame (less is better)',
    unit: 'kB',
    figure: 'kbytePerFrame',
    bars: [
      ['scrolling text', 'lan', 'scroll'],
      ['dragging a window', 'lan', 'drag'],
      ['video 60 fps, full', 'lan', 'video-60-full'],
    ],
  },
  {
    title: 'Processor time a shown frame, X server included (less is better)',
    unit: 'ms',
    figure: 'cpuMsPerFrame',
    bars: [
      ['scrolling text', 'lan', 'scroll'],
      ['dragging a window', 'lan', 'drag'],
      ['video 60 fps, full', 'lan', 'video-60-full'],
    ],
  },
  {
    title: 'A frame drawn → in the browser, p95, video 30 fps, full (less is better)',
    unit: 'ms',
    figure: 'frameP95',
    bars: [
      ['LAN', 'lan', 'video-30-full'],
      ['20 Mbit/s + 40 ms', '20mbit', 'video-30-full'],
      ['5 Mbit/s + 80 ms', '5mbit', 'video-30-full'],
    ],
  },
  {
    title: 'Pixels that are exact one second after motion (more is better)',
    unit: '%',
    figure: 'equalResting',
    bars: [
      ['scrolling text', 'lan', 'scroll'],
      ['dragging a window', 'lan', 'drag'],
      ['video 60 fps, full', 'lan', 'video-60-full'],
    ],
  },
];

const looks: Readonly<Record<ServerName, { readonly colour: string; readonly title: string }>> = {
  ours: { colour: '#d9480f', title: 'bhatti' },
  tigervnc: { colour: '#495057', title: 'TigerVNC Xvnc + websockify + noVNC' },
  x11vnc: { colour: '#adb5bd', title: 'Xvfb + x11vnc + websockify + noVNC' },
};
// SAFETY: the keys of that object are these names.
const servers = Object.keys(looks) as ServerName[];

const panelWidth = 560;
const labelWidth = 150;
const barHeight = 15;
const groupHeight = servers.length * barHeight + 14;
const columns = 2;
const titleHeight = 26;
const gap = 24;

/** Each row is as high as its panel with the most bars. */
const rowHeights = panels
  .filter((_, index) => index % columns === 0)
  .map((_, row) => {
    const most = Math.max(...panels.slice(row * columns, (row + 1) * columns).map(({ bars }) => bars.length));
    return titleHeight + most * groupHeight + gap;
  });
const topOf = (row: number) => 56 + rowHeights.slice(0, row).reduce((sum, height) => sum + height, 0);
export const chartSize = { width: panelWidth * columns + 40, height: topOf(rowHeights.length) };

export function chartOf(summaries: readonly Summary[]): string {
  const legend = servers.map(
    (server, index) =>
      `<rect x="${20 + index * 340}" y="16" width="14" height="14" fill="${looks[server].colour}"/><text x="${40 + index * 340}" y="28">${looks[server].title}</text>`,
  );
  const drawn = panels.map((panel, index) => {
    const [x, y] = [20 + (index % columns) * panelWidth, topOf(Math.floor(index / columns))];
    return `<g transform="translate(${x} ${y})">${panelOf(panel, summaries)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${chartSize.width}" height="${chartSize.height}" font-family="DejaVu Sans, sans-serif" font-size="13" fill="#212529"><rect width="100%" height="100%" fill="#fff"/>${legend.join('')}${drawn.join('')}</svg>`;
}

function panelOf({ title, unit, figure, bars }: Panel, summaries: readonly Summary[]): string {
  const scale = unit === '%' ? 100 : 1;
  const valueOf = (link: LinkName, workload: WorkloadName, server: ServerName) => {
    const found = summaries.find(
      (entry) => entry.link === link && entry.workload === workload && entry.server === server,
    );
    const value = found?.figures[figure];
    return value === undefined ? undefined : value * scale;
  };
  const all = bars.flatMap(([, link, workload]) => servers.map((server) => valueOf(link, workload, server) ?? 0));
  const perPx = Math.max(...all, 1) / (panelWidth - labelWidth - 110);
  const groups = bars.map(([label, link, workload], group) => {
    const top = titleHeight + group * groupHeight;
    const lines = servers.map((server, index) => {
      const value = valueOf(link, workload, server);
      const y = top + index * barHeight;
      if (value === undefined)
        return `<text x="${labelWidth + 4}" y="${y + 11}" font-size="11" fill="#868e96">not measured</text>`;
      const width = value / perPx;
      return `<rect x="${labelWidth}" y="${y}" width="${width.toFixed(1)}" height="${barHeight - 2}" fill="${looks[server].colour}"/><text x="${(labelWidth + width + 5).toFixed(1)}" y="${y + 11}" font-size="11">${told(value)} ${unit}</text>`;
    });
    return `<text x="${labelWidth - 8}" y="${top + 27}" text-anchor="end">${label}</text>${lines.join('')}`;
  });
  return `<text x="0" y="12" font-weight="bold">${title}</text>${groups.join('')}`;
}

function told(value: number): string {
  return value.toFixed(value >= 100 ? 0 : 1);
}
