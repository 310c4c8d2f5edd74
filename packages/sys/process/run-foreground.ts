/** Runs a program on this one's own standard streams, terminal included, and waits for it. Undefined when there is no such program. */
export function runForeground(argv: readonly string[]): { readonly exitCode: number } | undefined {
  if (Bun.which(argv[0] ?? '') === null) return undefined;
  const { exitCode } = Bun.spawnSync([...argv], { stdio: ['inherit', 'inherit', 'inherit'] });
  return { exitCode: exitCode ?? 255 };
}
