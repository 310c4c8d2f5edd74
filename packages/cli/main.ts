import { splitCommandLine } from './arguments.ts';

/** `bhatti …`: answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const own = ownWords(args);
  if (!own.includes('--timing')) return run(args);
  const startedAt = performance.now();
  const exitCode = await run(args.filter((word, at) => at >= own.length || word !== '--timing'));
  console.error(`---\ntotal: ${(performance.now() - startedAt).toFixed(1)} ms`);
  return exitCode;
}

async function run(args: readonly string[]): Promise<number> {
  const { name, rest } = splitCommandLine(args);
  // Called in a loop by agents: goes straight to its own file, past the table of commands and commander.
  if (name === 'exec' && !asksForHelp(rest)) return (await import('./commands/exec.ts')).exec(rest);
  return (await import('./dispatch.ts')).dispatch(name, rest);
}

function asksForHelp(args: readonly string[]): boolean {
  const own = ownWords(args);
  return args.length === 0 || own.includes('--help') || own.includes('-h');
}

/** The words before `--`; what follows is a command for a sandbox. */
function ownWords(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end === -1 ? args : args.slice(0, end);
}
