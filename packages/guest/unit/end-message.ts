import type { TrackedGroup } from '@bhatti/sys/cgroup/tracked-group.ts';
import type { ServiceResult } from './service-record.ts';

const worthMentioningUs = 1_000_000; // of CPU time

/** What the journal says when a service has come to its end. */
export function endMessages(
  name: string,
  result: ServiceResult,
  group: TrackedGroup,
): { text: string; priority: number }[] {
  const left = group.pids();
  const { cpuUsec = 0 } = group.usage();
  return [
    verdict(name, result),
    ...(left.length > 0
      ? [{ text: `${name}: Unit process ${left.join(', ')} remains running after unit stopped.`, priority: 5 }]
      : []),
    ...(cpuUsec > worthMentioningUs
      ? [{ text: `${name}: Consumed ${(cpuUsec / 1_000_000).toFixed(3)}s CPU time.`, priority: 6 }]
      : []),
  ];
}

function verdict(name: string, result: ServiceResult): { text: string; priority: number } {
  if (result === 'success') return { text: `${name}: Deactivated successfully.`, priority: 6 };
  if (result === 'exec-condition') return { text: `${name}: Skipped due to 'exec-condition'.`, priority: 6 };
  return { text: `${name}: Failed with result '${result}'.`, priority: 4 };
}
