// The networks between the display servers and the viewer: the viewer's browser lives in a network namespace of its own, with one device to it for each link. Everything is made inside of the
// bench's own namespaces (../enclosure.ts) and goes with them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LinkShape } from './link-queue.ts';
import type { PumpOrder } from './pump.ts';
import { mustRun } from '../run-program.ts';

export type LinkName = 'lan' | '20mbit' | '5mbit';

/** Undefined: as fast as the machine is. Delays are for one direction, so that a round trip takes 40 and 80 ms. The queues are as long as netem's. */
export const linkShapes: Readonly<Record<LinkName, LinkShape | undefined>> = {
  lan: undefined,
  '20mbit': { bitsPerSecond: 20e6, delayMs: 20, loss: 0, queuePackets: 1000 },
  '5mbit': { bitsPerSecond: 5e6, delayMs: 40, loss: 0.005, queuePackets: 1000 },
};

export interface Link {
  readonly name: LinkName;
  /** Where servers are reached over this link. */
  readonly address: string;
  /** All bytes of IP packets that went through so far, both directions. */
  bytes(): number;
}

export interface Network extends Disposable {
  readonly links: readonly Link[];
  /** What a program is started with so that it lives at the viewer's side. */
  readonly atViewer: readonly string[];
}

const viewerNamespace = 'viewer';

export async function openNetwork(names: readonly LinkName[]): Promise<Network> {
  await mustRun('ip', 'link', 'set', 'lo', 'up');
  await mustRun('ip', 'netns', 'add', viewerNamespace);
  await inViewer('ip', 'link', 'set', 'lo', 'up');
  const pumps: Bun.Subprocess[] = [];
  const links: Link[] = [];
  for (const [index, name] of names.entries()) {
    const shape = linkShapes[name];
    const device = `near-${name}`;
    const far = `far-${name}`;
    if (shape === undefined) await mustRun('ip', 'link', 'add', device, 'type', 'veth', 'peer', 'name', far);
    else pumps.push(await startPump({ devices: [device, far], shape }));
    await mustRun('ip', 'link', 'set', far, 'netns', viewerNamespace);
    const subnet = `10.99.${index}`;
    // An interface that speaks only when spoken to: whatever is counted was sent by a server or its viewer.
    for (const [run, name, address] of [
      [mustRun, device, `${subnet}.1`],
      [inViewer, far, `${subnet}.2`],
    ] as const) {
      await run('sysctl', '-qw', `net.ipv6.conf.${name}.disable_ipv6=1`);
      await run('ip', 'address', 'add', `${address}/24`, 'dev', name);
      await run('ip', 'link', 'set', name, 'up');
      // What Linux does by default, whatever this machine was told to: the figures should be those of other machines.
      await run('ip', 'route', 'replace', `${subnet}.0/24`, 'dev', name, 'src', address, 'congctl', 'cubic');
    }
    links.push({ name, address: `${subnet}.1`, bytes: () => countBytes(device) });
  }
  return {
    links,
    atViewer: ['ip', 'netns', 'exec', viewerNamespace],
    [Symbol.dispose]() {
      for (const pump of pumps) pump.kill();
    },
  };
}

function inViewer(...argv: readonly string[]): Promise<string> {
  return mustRun('ip', 'netns', 'exec', viewerNamespace, ...argv);
}

async function startPump(order: PumpOrder): Promise<Bun.Subprocess> {
  const pump = Bun.spawn([process.execPath, join(import.meta.dir, 'pump.ts'), JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const first = await pump.stdout.getReader().read();
  if (first.done) throw new Error('the link did not come up');
  return pump;
}

/** Of one device, received and sent: columns 1 and 9 of /proc/net/dev. */
function countBytes(device: string): number {
  const line = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .find((text) => text.trimStart().startsWith(`${device}:`));
  const columns = (line ?? '').split(':')[1]?.trim().split(/\s+/) ?? [];
  return Number(columns[0]) + Number(columns[8]);
}
