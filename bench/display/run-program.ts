/** Runs a program to its end and gives what it printed. */
export async function mustRun(...argv: readonly string[]): Promise<string> {
  return (await mustRunForBytes(...argv)).toString();
}

export async function mustRunForBytes(...argv: readonly string[]): Promise<Buffer> {
  const child = Bun.spawn([...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).arrayBuffer(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (exitCode !== 0) throw new Error(`${argv.join(' ')} exited with ${exitCode}: ${stderr}`);
  return Buffer.from(stdout);
}
