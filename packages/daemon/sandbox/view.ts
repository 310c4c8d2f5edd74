import type { Sandbox, sandboxStatuses } from '@bhatti/wire/control/sandbox.ts';
import type { SandboxEntry } from './entry.ts';
import type { Phase } from './phase-table.ts';

type Status = (typeof sandboxStatuses)[number];

const statuses: Readonly<Record<Phase, Status>> = {
  creating: 'creating',
  booting: 'booting',
  running: 'running',
  paused: 'running',
  stopping: 'stopping',
  stopped: 'stopped',
  failed: 'failed',
};

const thermals: Readonly<Partial<Record<Phase, 'hot' | 'warm'>>> = { running: 'hot', paused: 'warm' };

/** A sandbox as the API shows it. */
export function viewSandbox(
  entry: SandboxEntry,
  about: { readonly engine: string; readonly urls: readonly string[]; readonly createdBy: string },
): Sandbox {
  const { row, observed, address } = entry;
  const thermal = thermals[observed.phase];
  return {
    id: row.id,
    name: row.name,
    status: statuses[observed.phase],
    ...(thermal === undefined ? {} : { thermal }),
    engine: about.engine,
    ...(address === undefined ? {} : { ip: address }),
    image: row.image,
    cpus: row.cpus,
    memory_mb: row.memoryMib,
    disk_size_mb: row.diskMib,
    keep_hot: row.keepHot,
    labels: { ...row.labels },
    urls: [...about.urls],
    created_by: about.createdBy,
    created_at: row.createdAt,
    ...(row.stoppedAt === undefined ? {} : { stopped_at: row.stoppedAt }),
    ...(observed.phase === 'failed' ? { failure: observed.why } : {}),
  };
}
