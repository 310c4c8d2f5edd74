// The bench proper, inside of its own namespaces (run.ts): all servers and one browser run throughout, and each measurement has a fresh page and a fresh program on one desktop, in turn: A B C, A B C, …
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openNetwork } from './link/network.ts';
import { checkLinks } from './link/check.ts';
import { parseOptions } from './options.ts';
import { readVersions } from './packages.ts';
import type { DisplayServer, ServerName } from './peer/display-server.ts';
import { startOurs } from './peer/ours.ts';
import { startTigerVnc, startX11vnc } from './peer/peers.ts';
import { makeFilm } from './scene/film.ts';
import { readPhoto } from './scene/photo.ts';
import { createOpenSegment, wordsOf } from './scene/shared-pixels.ts';
import { ViewerBrowser } from './viewer/viewer.ts';
import { runWorkload } from './workload/run-workload.ts';
import { screenSize, type Measurement, type Stage } from './workload/workload.ts';
import { conclude } from './figure/conclude.ts';

const options = parseOptions(process.argv.slice(2));
const outDir = join(import.meta.dir, '..', '..', 'dist', 'bench-display');
const scratchDir = '/run/bench';
const captureSlots = 64; // frames of about a second: what is seen is never older on a link where captures are compared

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130)); // the first process of a namespace has no handlers of its own
const startedAt = performance.now();
mkdirSync(scratchDir);
const versions = await readVersions();
for (const [name, version] of Object.entries(versions)) console.error(`${name} ${version}`);

using network = await openNetwork(options.links);
const linkChecks = await checkLinks(network);
await using stack = new AsyncDisposableStack();
const servers: DisplayServer[] = [];
for (const name of options.servers) servers.push(stack.use(await startServer(name)));
const browser = stack.use(await ViewerBrowser.start(network, scratchDir));
const stage: Stage = { browser, ...(await makePictures()), seconds: options.seconds };

const measurements: Measurement[] = [];
const failures: string[] = [];
for (let run = 1; run <= options.runs; run++) {
  for (const link of network.links) {
    for (const workload of options.workloadsFor(link.name)) {
      for (const server of servers) {
        const what = `${link.name} ${workload} ${server.name} ${run}`;
        const begun = performance.now();
        try {
          const measured = await runWorkload(workload, stage, { server, link });
          measurements.push({ server: server.name, workload, link: link.name, run, ...measured });
        } catch (error) {
          // One that does not work with one server is a result; the others go on.
          failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
          console.error(failures.at(-1));
        }
        console.error(`${what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
      }
    }
  }
}
const minutes = (performance.now() - startedAt) / 60_000;
await conclude({ measurements, failures, versions, linkChecks, minutes }, outDir);
await browser[Symbol.asyncDispose]();
process.exit(0); // everything else ends with the namespaces

function startServer(name: ServerName): Promise<DisplayServer> {
  const dir = join(scratchDir, name);
  mkdirSync(dir);
  if (name === 'ours') return startOurs(screenSize);
  return (name === 'tigervnc' ? startTigerVnc : startX11vnc)({ ...screenSize, dir });
}

async function makePictures(): Promise<Pick<Stage, 'films' | 'wallpaper' | 'captures'>> {
  const screenBytes = screenSize.width * screenSize.height * 4;
  const wallpaper = createOpenSegment(screenBytes);
  wordsOf(wallpaper).set((await readPhoto('Storm.jpg', screenSize.width, screenSize.height)).words);
  return {
    wallpaper,
    captures: createOpenSegment(screenBytes * captureSlots),
    films: { full: await makeFilm(screenSize.width, screenSize.height), window: await makeFilm(640, 360) },
  };
}
