/** Prints what was asked for; gives the exit code. */
export function print(text: string, exitCode = 0): number {
  process.stdout.write(text);
  return exitCode;
}

/** Prints why it cannot be, and gives the exit code. */
export function fail(message: string, exitCode = 1): number {
  process.stderr.write(`${message}\n`);
  return exitCode;
}
