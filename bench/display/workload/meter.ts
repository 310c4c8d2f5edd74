import { cpuSeconds } from '../peer/process-tree.ts';
import type { Measured, Setting } from './workload.ts';

/** Counts time, bytes on the link and the processor time of the server until called again. */
export function startMeter({ server, link }: Setting): () => Pick<Measured, 'seconds' | 'bytes' | 'cpuSeconds'> {
  const read = () => ({ atMs: performance.now(), bytes: link.bytes(), cpu: cpuSeconds(server.processes()) });
  const before = read();
  return () => {
    const after = read();
    return {
      seconds: (after.atMs - before.atMs) / 1000,
      bytes: after.bytes - before.bytes,
      cpuSeconds: after.cpu - before.cpu,
    };
  };
}
