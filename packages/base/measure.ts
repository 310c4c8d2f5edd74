/** One figure of a benchmark that stands beside the code it measures, in the form of `npm run bench`. */
export interface Measured {
  readonly bench: string;
  readonly unit: 'ms';
  readonly n: number;
  readonly p50: number;
  readonly p95: number;
}

/** Times `once`, n times after ten runs that are not counted; those let the compiler do its work. */
export function measure(bench: string, n: number, once: () => unknown): Measured {
  for (let run = 0; run < 10; run++) once();
  const samples: number[] = [];
  for (let run = 0; run < n; run++) {
    const startedAt = performance.now();
    once();
    samples.push(performance.now() - startedAt);
  }
  samples.sort((a, b) => a - b);
  const at = (fraction: number) => Math.round((samples[Math.floor((n - 1) * fraction)] ?? 0) * 1000) / 1000;
  return { bench, unit: 'ms', n, p50: at(0.5), p95: at(0.95) };
}
