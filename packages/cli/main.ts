import { splitCommandLine } from './arguments.ts';

/** `bhatti …`: answers the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { name, rest } = splitCommandLine(args);
  // Called in a loop by agents: goes straight to its own file, past the table of commands and commander.
  if (name === 'exec' && !asksForHelp(rest)) return (await import('./commands/exec.ts')).exec(rest);
  return (await import('./dispatch.ts')).dispatch(name, rest);
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  return args.length === 0 || own.includes('--help') || own.includes('-h');
}
