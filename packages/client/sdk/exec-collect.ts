import { concatBytes } from '@bhatti/base/bytes.ts';

import { bytesOf, isWhole, type Content, type ContentStream } from './bytes.ts';
import type { ExecResult } from './exec.ts';
import type { ExecProcess } from './exec-process.ts';

interface Takers {
  readonly onStdout: ((bytes: Uint8Array) => unknown) | undefined;
  readonly onStderr: ((bytes: Uint8Array) => unknown) | undefined;
}

const maxOutputBytes = 10 * 1024 * 1024; // what a command that is not streamed may give as well

/** Feeds a command, passes its output on, and keeps as much of it as a result holds. */
export async function collectStream(
  process: ExecProcess,
  stdin: Content | ContentStream | undefined,
  takers: Takers,
): Promise<ExecResult> {
  const kept = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  let keptBytes = 0;
  let truncated = false;
  const feeding = stdin === undefined ? undefined : new Feeding(process, stdin);
  for await (const { from, bytes } of process) {
    const part = bytes.subarray(0, maxOutputBytes - keptBytes);
    if (part.length > 0) kept[from].push(part);
    keptBytes += part.length;
    truncated ||= part.length < bytes.length;
    await (from === 'stdout' ? takers.onStdout : takers.onStderr)?.(bytes);
  }
  const exit = await process.wait();
  feeding?.end();
  return resultOf(exit, { stdout: concatBytes(kept.stdout), stderr: concatBytes(kept.stderr), truncated });
}

export function resultOf(
  exit: { readonly exitCode: number; readonly signal?: string | undefined; readonly timedOut: boolean },
  output: { readonly stdout: Uint8Array; readonly stderr: Uint8Array; readonly truncated: boolean },
): ExecResult {
  const decoder = new TextDecoder();
  return {
    exitCode: exit.exitCode,
    signal: exit.signal,
    timedOut: exit.timedOut,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
    stdoutBytes: output.stdout,
    stderrBytes: output.stderr,
    truncated: output.truncated,
  };
}

/** The way of the input to a command. A source that fails ends the command, and then is the call's own failure. */
class Feeding {
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(process: ExecProcess, stdin: Content | ContentStream) {
    this.#feed(process, stdin).catch((error: unknown) => {
      this.#failure = { error };
      process.kill('KILL');
    });
  }

  /** The command has ended: nobody reads the rest. */
  end(): void {
    this.#isOver = true;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #feed(process: ExecProcess, stdin: Content | ContentStream): Promise<void> {
    if (isWhole(stdin)) await process.stdin.write(bytesOf(stdin));
    else
      for await (const content of stdin) {
        if (this.#isOver) return;
        await process.stdin.write(content);
      }
    process.stdin.end();
  }
}
