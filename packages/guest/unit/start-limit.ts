import { boottimeUs } from '@bhatti/sys/clock.ts';
import type { UnitDefinition } from './definition.ts';
import type { ServiceRecord } from './service-record.ts';

/** Counts one start against the rate limit of systemd.unit(5), StartLimitIntervalSec=. False when the limit is reached. */
export function takeStart(record: ServiceRecord, limits: UnitDefinition): boolean {
  const { startLimitBurst, startLimitIntervalMs } = limits;
  const now = boottimeUs();
  record.startsBootUs = record.startsBootUs.filter((at) => now - at < startLimitIntervalMs * 1_000);
  if (startLimitBurst > 0 && startLimitIntervalMs > 0 && record.startsBootUs.length >= startLimitBurst) return false;
  record.startsBootUs.push(now);
  return true;
}
