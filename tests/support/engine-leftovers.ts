// What an engine's instance has on the host, found without the engine's own knowledge: by name, by path, by looking everywhere.
import type { EngineConfig } from '@bhatti/engine/engine.ts';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One line for each mount, loop device, interface, firewall table, control group, claim of user ids, and file of a sandbox. */
export function leftoversOf(config: EngineConfig): string[] {
  return [
    ...lines(readFileSync('/proc/self/mountinfo', 'utf8')).filter(
      (line) => line.includes(config.runDir) || line.includes(config.dataDir),
    ),
    ...output('losetup', '-nO', 'NAME,BACK-FILE').filter((line) => line.includes(config.dataDir)),
    ...output('ip', '-br', 'link').filter((line) => line.startsWith(config.instance)),
    ...output('nft', 'list', 'tables').filter((line) => line.endsWith(` ${config.instance}`)),
    ...controlGroups('/sys/fs/cgroup', config.instance, 2),
    ...claims(config),
    ...filesBelow(join(config.dataDir, 'sandboxes')),
    ...filesBelow(join(config.runDir, 'sandboxes')),
    ...filesBelow(join(config.runDir, 'roots')),
    ...filesBelow(join(config.runDir, 'runc')),
  ];
}

function controlGroups(dir: string, name: string, depth: number): string[] {
  if (depth === 0 || !existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) =>
      entry.name === name ? [`cgroup ${join(dir, entry.name)}`] : controlGroups(join(dir, entry.name), name, depth - 1),
    );
}

function claims(config: EngineConfig): string[] {
  const dir = '/run/bhatti-uids';
  return filesBelow(dir).filter((file) => readFileSync(file, 'utf8').startsWith(config.runDir));
}

function filesBelow(dir: string): string[] {
  return existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [];
}

function output(...argv: string[]): string[] {
  return lines(Bun.spawnSync(argv, { stdio: ['ignore', 'pipe', 'ignore'] }).stdout.toString());
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
