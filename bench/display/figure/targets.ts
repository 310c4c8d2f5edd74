// What the desktop is to be, against the best of the peers in the same run. Bytes and processor time are compared for each frame that was shown: a server that shows little would win otherwise.
import type { LinkName } from '../link/network.ts';
import type { WorkloadName } from '../workload/workload.ts';
import type { FigureName, Summary } from './summary.ts';

export interface Verdict {
  readonly what: string;
  readonly target: string;
  readonly is: string;
  /** Undefined where it was not measured. */
  readonly isMet: boolean | undefined;
}

const equalQuality = 0.003; // of SSIM: less than between two films

interface Place {
  readonly link: LinkName;
  readonly workload: WorkloadName;
}

/** Holds the summaries against each target. */
export function judge(summaries: readonly Summary[]): Verdict[] {
  const lan = (workload: WorkloadName): Place => ({ link: 'lan', workload });
  const ours = (place: Place, figure: FigureName) => find(summaries, place, true)[0]?.figures[figure];
  const best = (place: Place, figure: FigureName, better: 'more' | 'less') => {
    const values = find(summaries, place, false).flatMap(({ figures }) => figures[figure] ?? []);
    if (values.length === 0) return undefined;
    return better === 'more' ? Math.max(...values) : Math.min(...values);
  };
  const ratio = (what: string, place: Place, figure: FigureName, bound: { atMost: number } | { atLeast: number }) =>
    ratioVerdict(
      what,
      { ours: ours(place, figure), best: best(place, figure, 'atMost' in bound ? 'less' : 'more') },
      bound,
    );
  const film = lan('video-60-full');
  const slow: Place = { link: '5mbit', workload: 'video-30-full' };
  const qualityOf = (place: Place) => {
    const [mine, theirs] = [ours(place, 'ssimMoving'), best(place, 'ssimMoving', 'more')];
    return verdict('SSIM of that at least theirs', `≥ theirs − ${equalQuality}`, {
      is: mine === undefined || theirs === undefined ? undefined : mine - theirs,
      holds: (difference) => difference >= -equalQuality,
      text: (difference) => `${difference >= 0 ? '+' : ''}${difference.toFixed(4)}`,
    });
  };
  const absolute = (
    what: string,
    target: string,
    is: number | undefined,
    holds: (is: number) => boolean,
    unit: string,
  ) => verdict(what, target, { is, holds, text: (value) => `${round(value)} ${unit}`.trim() });
  const moving = (
    ['scroll', 'drag', 'video-30-window', 'video-60-window', 'video-30-full', 'video-60-full'] as const
  ).flatMap((workload) => ours(lan(workload), 'equalResting') ?? []);
  const perFrame = (workload: WorkloadName) => ours(lan(workload), 'cpuMsPerFrame');
  return [
    ratio('key press → pixel, p50', lan('key'), 'keyP50', { atMost: 0.7 }),
    absolute('of that the server’s share, p50', '≤ 4 ms', ours(lan('key'), 'serverShareP50'), (ms) => ms <= 4, 'ms'),
    ratio('frames shown, 60 fps video 1280×720', film, 'shown', { atLeast: 1.4 }),
    ratioVerdict(
      'the same against the player’s own rate',
      { ours: ours(film, 'shown'), best: ours(film, 'drawn') },
      { atLeast: 0.85 },
    ),
    ratio('frames shown at 20 Mbit/s + 40 ms', { ...film, link: '20mbit' }, 'shown', { atLeast: 2 }),
    ratio('bytes a frame, scrolling text', lan('scroll'), 'kbytePerFrame', { atMost: 0.25 }),
    qualityOf(lan('scroll')),
    ratio('bytes a frame, video', film, 'kbytePerFrame', { atMost: 0.2 }),
    qualityOf(film),
    ratio('CPU a frame, scrolling text', lan('scroll'), 'cpuMsPerFrame', { atMost: 0.6 }),
    ratio('CPU a frame, video', film, 'cpuMsPerFrame', { atMost: 1.2 }),
    absolute(
      'pixels exact one second after motion',
      '1 (lossless)',
      moving.length === 0 ? undefined : Math.min(...moving),
      (share) => share === 1,
      '',
    ),
    absolute(
      '5 Mbit/s + 80 ms, frame latency under video, p95',
      '≤ 300 ms',
      ours(slow, 'frameP95'),
      (ms) => ms <= 300,
      'ms',
    ),
    absolute(
      '5 Mbit/s + 80 ms, key → pixel under video, p95',
      '≤ 300 ms',
      ours(slow, 'keyP95'),
      (ms) => ms <= 300,
      'ms',
    ),
    ratioVerdict(
      'CPU a frame with a second viewer',
      { ours: perFrame('two-viewers'), best: perFrame('video-30-window') },
      { atMost: 1.1 },
    ),
    absolute(
      'memory without X, one viewer',
      '≤ 100 MB',
      ours(lan('idle'), 'memoryWithoutXMb'),
      (mb) => mb <= 100,
      'MB',
    ),
    absolute(
      'idle, one viewer: processor',
      '≤ 0.5 %',
      ours(lan('idle'), 'cpuPercent'),
      (percent) => percent <= 0.5,
      '%',
    ),
    absolute(
      'idle, one viewer: network',
      '≤ 0.2 kbit/s',
      ours(lan('idle'), 'kbitPerSecond'),
      (kbit) => kbit <= 0.2,
      'kbit/s',
    ),
  ];
}

function find(summaries: readonly Summary[], { link, workload }: Place, isOurs: boolean): Summary[] {
  return summaries.filter(
    (summary) => summary.link === link && summary.workload === workload && (summary.server === 'ours') === isOurs,
  );
}

function ratioVerdict(
  what: string,
  { ours, best }: { ours: number | undefined; best: number | undefined },
  bound: { readonly atMost: number } | { readonly atLeast: number },
): Verdict {
  const target = 'atMost' in bound ? `≤ ${bound.atMost} ×` : `≥ ${bound.atLeast} ×`;
  return verdict(what, target, {
    is: ours === undefined || best === undefined || best === 0 ? undefined : ours / best,
    holds: (ratio) => ('atMost' in bound ? ratio <= bound.atMost : ratio >= bound.atLeast),
    text: (ratio) => `${ratio.toFixed(2)} × (${round(ours ?? 0)} to ${round(best ?? 0)})`,
  });
}

function verdict(
  what: string,
  target: string,
  { is, holds, text }: { is: number | undefined; holds: (is: number) => boolean; text: (is: number) => string },
): Verdict {
  if (is === undefined) return { what, target, is: 'not measured', isMet: undefined };
  return { what, target, is: text(is), isMet: holds(is) };
}

function round(value: number): string {
  return value.toFixed(Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2);
}
