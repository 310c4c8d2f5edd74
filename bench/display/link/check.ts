import { join } from 'node:path';
import { mustRun } from '../run-program.ts';
import type { LinkName, Network } from './network.ts';

export interface LinkCheck {
  readonly name: LinkName;
  /** Time of an HTTP exchange on a kept connection. */
  readonly roundTripMs: number;
  readonly mbitPerSecond: number;
}

const bulkBytes = 2_000_000;

/** What each link really does, by a download through it: whoever reads the figures need not believe in the emulation. */
export async function checkLinks(network: Network): Promise<LinkCheck[]> {
  const bulk = new Uint8Array(bulkBytes);
  using server = Bun.serve({
    port: 0,
    hostname: '0.0.0.0',
    fetch: (request) => new Response(request.url.endsWith('/bulk') ? bulk : 'x'),
  });
  const checks: LinkCheck[] = [];
  for (const { name, address } of network.links) {
    const url = `http://${address}:${server.port}`;
    const text = await mustRun(...network.atViewer, process.execPath, join(import.meta.dir, 'download.ts'), url);
    checks.push({ name, ...JSON.parse(text) });
  }
  return checks;
}
