import { join } from 'node:path';
import { mustRun } from './run-program.ts';

/** What the peers, the workloads and the chart take, beside what `npm test` needs anyway. */
const peerPackages = ['xvfb', 'x11vnc', 'websockify', 'tigervnc-standalone-server'];
const otherPackages = ['mate-backgrounds', 'gnuplot-nox'];
const toldPackages = [...peerPackages, 'chromium', 'xterm'];

/** Installs what is missing of it. */
export async function installPeers(): Promise<void> {
  const missing = [];
  for (const name of [...peerPackages, ...otherPackages]) if ((await versionOf(name)) === undefined) missing.push(name);
  if (missing.length === 0) return;
  console.error(`installing for the bench: ${missing.join(' ')}`);
  await mustRun('apt-get', '-o', 'DPkg::Lock::Timeout=300', 'update');
  const install = ['apt-get', '-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '--no-install-recommends'];
  // Without numpy websockify is many times slower.
  await mustRun('env', 'DEBIAN_FRONTEND=noninteractive', ...install, ...missing, 'python3-numpy');
}

/** Name and version of all that takes part. */
export async function readVersions(): Promise<Record<string, string>> {
  const { version } = await Bun.file(join(import.meta.dir, '../../node_modules/@novnc/novnc/package.json')).json();
  const debian = await Promise.all(
    toldPackages.map(async (name) => [name, (await versionOf(name)) ?? 'none'] as const),
  );
  return { ...Object.fromEntries(debian), 'npm @novnc/novnc': version };
}

async function versionOf(name: string): Promise<string | undefined> {
  try {
    const text = await mustRun('dpkg-query', '-W', '-f', '${db:Status-Status} ${Version}', name);
    return text.startsWith('installed ') ? text.slice('installed '.length) : undefined;
  } catch {
    return undefined; // expected: dpkg does not know the package
  }
}
