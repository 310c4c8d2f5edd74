/** One figure, as every benchmark prints it: one JSON line. */
export interface Figure {
  readonly bench: string;
  readonly unit: 'ms' | 'MB' | '%' | 'bytes' | 'per second' | 'kbit/s' | 'kB' | 'SSIM' | 'share';
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
  /** What the same thing costs with another program, in the same run. */
  readonly peer?: { readonly name: string; readonly p50: number; readonly ratio: number };
}

/** Runs `once` n times after `warmUp` uncounted ones; the time of each in ms. */
export async function time(n: number, once: (run: number) => Promise<unknown>, warmUp = 2): Promise<number[]> {
  const samples: number[] = [];
  for (let run = -warmUp; run < n; run++) {
    const startedAt = performance.now();
    await once(run);
    if (run >= 0) samples.push(performance.now() - startedAt);
  }
  return samples;
}

/** Two things in turn, A B A B …, so that a machine whose speed drifts does not favour one of them. */
export async function timePaired(
  n: number,
  ours: (run: number) => Promise<unknown>,
  peer: (run: number) => Promise<unknown>,
): Promise<{ ours: number[]; peer: number[] }> {
  const samples = { ours: [] as number[], peer: [] as number[] };
  for (let run = -2; run < n; run++) {
    const [a] = await time(1, () => ours(run), 0);
    const [b] = await time(1, () => peer(run), 0);
    if (run < 0) continue;
    samples.ours.push(a ?? 0);
    samples.peer.push(b ?? 0);
  }
  return samples;
}

/** Prints one figure as JSON. */
export function report(
  bench: string,
  unit: Figure['unit'],
  samples: readonly number[],
  peer?: { name: string; samples: readonly number[] },
): void {
  const p50 = percentile(samples, 0.5);
  const peerP50 = peer === undefined ? undefined : percentile(peer.samples, 0.5);
  const figure: Figure = {
    bench,
    unit,
    n: samples.length,
    p50: round(p50),
    p95: round(percentile(samples, 0.95)),
    min: round(Math.min(...samples)),
    max: round(Math.max(...samples)),
    ...(peer === undefined || peerP50 === undefined
      ? {}
      : { peer: { name: peer.name, p50: round(peerP50), ratio: round(p50 / peerP50) } }),
  };
  console.log(JSON.stringify(figure));
}

export function percentile(samples: readonly number[], fraction: number): number {
  const sorted = [...samples].toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
