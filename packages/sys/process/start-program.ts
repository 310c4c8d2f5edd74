import { existsSync } from 'node:fs';

/**
 * Starts a program that nobody waits for, in a session of its own, with nothing on its standard streams, in its HOME. Returns its pid, or undefined when no such program is on the PATH of `env`. Throws what the system said of one that
 * cannot be run (`code` EACCES, E2BIG, …).
 */
export function startProgram(argv: readonly string[], env: Readonly<Record<string, string>>): number | undefined {
  const home = env['HOME'];
  const program = Bun.which(argv[0] ?? '', { PATH: env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin' });
  if (program === null) return undefined;
  const child = Bun.spawn([program, ...argv.slice(1)], {
    env: { ...env },
    cwd: home !== undefined && existsSync(home) ? home : '/',
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  child.unref();
  return child.pid;
}
