import type { Role } from './service-processes.ts';
import type { ServiceState } from './service-table.ts';

/** What a service announces. */
export interface ServiceListener {
  onStateChanged(from: ServiceState, to: ServiceState): void;
  /** `Restart=` wants the unit started again, with what depends on it. */
  onRestartDue(): void;
  /** Somebody asked for a restart, of which this stop is a part. */
  isRestartQueued(): boolean;
  /** The record changed and must be kept. */
  onRecorded(): void;
  /** There is a process that an heir of ours will want to know of. */
  onWatched(role: Role): void;
}
