/** One size that is recommended, and what it is used for. */
export interface SizingRow {
  readonly workload: string;
  /** As it is recommended, and what of it is measured. */
  readonly recommended: { readonly cpus: string; readonly memory: string };
  readonly cpus: number;
  readonly memoryMib: number;
  readonly screen: { readonly width: number; readonly height: number };
  /** Pages of text and pictures that are open in Chromium; the last of them is scrolled. */
  readonly tabs: number;
  /** A film that plays in one more tab. */
  readonly film: { readonly width: number; readonly height: number } | undefined;
  /** What else is open. */
  readonly programs: readonly string[];
}

export const sizingRows: readonly SizingRow[] = [
  {
    workload: 'Light interactive use, agent loops with screenshots',
    recommended: { cpus: '2', memory: '2048' },
    cpus: 2,
    memoryMib: 2048,
    screen: { width: 1280, height: 720 },
    tabs: 1,
    film: undefined,
    programs: ['xfce4-terminal'],
  },
  {
    workload: 'Browser + agent + occasional video',
    recommended: { cpus: '4', memory: '4096' },
    cpus: 4,
    memoryMib: 4096,
    screen: { width: 1280, height: 720 },
    tabs: 3,
    film: { width: 640, height: 360 },
    programs: ['xfce4-terminal'],
  },
  {
    workload: 'Multiple Chromium tabs + multimedia',
    recommended: { cpus: '4', memory: '4096–6144' },
    cpus: 4,
    memoryMib: 4096,
    screen: { width: 1280, height: 720 },
    tabs: 8,
    film: { width: 1280, height: 720 },
    programs: ['xfce4-terminal'],
  },
  {
    workload: 'Heavy multimedia / many open apps',
    recommended: { cpus: '6+', memory: '8192+' },
    cpus: 6,
    memoryMib: 8192,
    screen: { width: 1920, height: 1080 },
    tabs: 16,
    film: { width: 1920, height: 1080 },
    programs: ['xfce4-terminal', 'thunar', 'mousepad', 'xfce4-appfinder', 'xfce4-taskmanager'],
  },
];
