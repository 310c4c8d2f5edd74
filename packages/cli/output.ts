import { CodedError } from '@bhatti/base/errors.ts';
import { isTerminal } from '@bhatti/sys/terminal/descriptor.ts';
import { openOutput } from '@bhatti/sys/terminal/stdio.ts';

const stdout = openOutput(1);
const stderr = openOutput(2);

export function printLine(text: string): Promise<void> {
  return writeOut(`${text}\n`);
}

export function printJson(document: unknown): Promise<void> {
  return printLine(JSON.stringify(document, undefined, 2));
}

export function printBytes(bytes: Uint8Array): Promise<void> {
  return writeOut(bytes);
}

/** For people, beside the result: never in a pipe's way. */
export function noteLine(text: string): Promise<void> {
  return stderr.write(`${text}\n`);
}

export function noteBytes(bytes: Uint8Array | string): Promise<void> {
  return stderr.write(bytes);
}

const styles = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' } as const;

/** Colour on a terminal that wants it (https://no-color.org), else the bare text. */
export function styled(fd: 1 | 2, style: keyof typeof styles, text: string): string {
  const { NO_COLOR, TERM } = process.env;
  if ((NO_COLOR !== undefined && NO_COLOR !== '') || TERM === 'dumb' || !isTerminal(fd)) return text;
  return `\u001b[${styles[style]}m${text}\u001b[0m`;
}

async function writeOut(bytes: Uint8Array | string): Promise<void> {
  try {
    await stdout.write(bytes);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    const why = 'no space left on the device';
    throw new CodedError('HOST_FULL', `cannot write the output: ${why}`, { what: 'standard output' }, { cause: error });
  }
}
