import type { XConnection } from '@bhatti/display/source/x-connection.ts';
import type { TestDisplay } from './display-server.ts';
import { descriptorCount, memoryKib, segmentsOf, threadCount } from './process-usage.ts';

/** What a display server holds at a moment of rest. */
export interface SoakSample {
  readonly atSeconds: number;
  readonly streamingKib: number;
  readonly supervisorKib: number;
  readonly xServerKib: number;
  readonly held: SoakHoldings;
}

/** What is counted, and is the same at each rest. */
export interface SoakHoldings {
  readonly encodeThreads: number;
  readonly streamingDescriptors: number;
  readonly supervisorDescriptors: number;
  readonly xServerDescriptors: number;
  readonly segments: number;
  readonly xResources: number;
}

export async function takeHoldings(display: TestDisplay, x: XConnection): Promise<SoakHoldings> {
  const { streaming, supervisor, xServer } = pidsOf(display);
  return {
    encodeThreads: countEncodeThreads(display),
    streamingDescriptors: descriptorCount(streaming),
    supervisorDescriptors: descriptorCount(supervisor),
    xServerDescriptors: descriptorCount(xServer),
    segments: segmentsOf([streaming]).length,
    xResources: await countXResources(x),
  };
}

/** What each process holds for good: the least within some seconds, since what was freed is given back to the system in the course of them. */
export async function takeLeastSample(display: TestDisplay, held: SoakHoldings, atMs: number): Promise<SoakSample> {
  const first = takeSample(display, held, atMs);
  const samples = [first];
  for (let look = 0; look < 10; look++) {
    await Bun.sleep(500);
    samples.push(takeSample(display, held, atMs));
  }
  const least = (key: 'streamingKib' | 'supervisorKib' | 'xServerKib') =>
    Math.min(...samples.map((sample) => sample[key]));
  return {
    ...first,
    streamingKib: least('streamingKib'),
    supervisorKib: least('supervisorKib'),
    xServerKib: least('xServerKib'),
  };
}

function takeSample(display: TestDisplay, held: SoakHoldings, atMs: number): SoakSample {
  const { streaming, supervisor, xServer } = pidsOf(display);
  return {
    atSeconds: Math.round(atMs / 1000),
    streamingKib: memoryKib(streaming),
    supervisorKib: memoryKib(supervisor),
    xServerKib: memoryKib(xServer),
    held,
  };
}

/** What the runtime calls the threads of its workers. */
export function countEncodeThreads(display: TestDisplay): number {
  return threadCount(pidsOf(display).streaming, 'Worker');
}

function pidsOf(display: TestDisplay) {
  return { streaming: display.streamingPid() ?? 0, supervisor: display.pid, xServer: display.xServerPid() ?? 0 };
}

/** X-Resource: what the last of the overloads of `require` gives. */
type ResourceExtension = Parameters<Parameters<XConnection['client']['require']>[1]>[1];

/** Windows, pixmaps, regions, damages, shared segments and all else that its clients have made in the X server, which owns a mode for each size of the screen itself. */
async function countXResources(x: XConnection): Promise<number> {
  const res = await x.reply<ResourceExtension>((done) => x.client.require('res', done));
  const clients = await x.reply<readonly { resourceBase: number }[]>((done) => res.QueryClients(done));
  let sum = 0;
  for (const { resourceBase } of clients.filter((client) => client.resourceBase !== 0)) {
    const types = await x.reply<readonly { count: number }[]>((done) => res.QueryClientResources(resourceBase, done));
    for (const { count } of types) sum += count;
  }
  return sum;
}
