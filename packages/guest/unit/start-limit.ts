import { boottimeUs } from '@bhatti/sys/clock.ts';
import type { UnitDefinition } from './definition.ts';

/** Counts one start against the rate limit of systemd.unit(5), StartLimitIntervalSec=. False when the limit is reached. */
export function takeStart(record: { startsBootUs: number[] }, limits: UnitDefinition): boolean {
  const { startLimitBurst: burst, startLimitIntervalMs: intervalMs } = limits;
  const times = takeWithin(record.startsBootUs, { burst, intervalMs });
  if (times !== undefined) record.startsBootUs = times;
  return times !== undefined;
}

/** One more, after these (µs of the boot clock): those that still count, with the new one. Undefined when it is one too many. */
export function takeWithin(
  timesBootUs: readonly number[],
  { burst, intervalMs }: { readonly burst: number; readonly intervalMs: number },
): number[] | undefined {
  const now = boottimeUs();
  const recent = timesBootUs.filter((at) => now - at < intervalMs * 1_000);
  if (burst > 0 && intervalMs > 0 && recent.length >= burst) return undefined;
  // Without a limit there is nothing to count.
  return burst > 0 && intervalMs > 0 ? [...recent, now] : [];
}
