import { toCodedError } from '@bhatti/base/errors.ts';
import { IdleRest } from '@bhatti/base/idle-rest.ts';
import { releaseIdleMemory } from '@bhatti/sys/idle-memory.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import { createInterface } from 'node:readline';
import type { ReaderAnswer, ReaderRequest } from './reader-message.ts';
import { Reader } from './reader.ts';

const restAfterMs = 1_000; // a tree leaves some 40 MB of promises behind

/** The reading process: `Xkasmvnc --a11y`, started by the streaming process when somebody wants the tree. Requests come on standard input, a line each; it ends when they end. */
export async function runReader(busPath: string): Promise<number> {
  await using reader = new Reader(busPath);
  using idle = new IdleRest({ afterMs: restAfterMs, isBusy: () => false, rest: releaseIdleMemory });
  const answers: Promise<void>[] = [];
  for await (const line of createInterface({ input: process.stdin })) {
    answers.push(answer(reader, line));
    idle.touch();
  }
  await Promise.all(answers);
  return 0;
}

async function answer(reader: Reader, line: string): Promise<void> {
  // SAFETY: the lines come from the process that started this one, and its functions are typed.
  const asked = JSON.parse(line) as ReaderRequest;
  const answered = await carryOut(reader, asked);
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}

async function carryOut(reader: Reader, { id, op, request, context }: ReaderRequest): Promise<ReaderAnswer> {
  try {
    // SAFETY: ReaderRequest ties `request` to `op`; that the table does the same cannot be said of both at once.
    const carry = reader.ops[op] as (request: unknown, context: unknown) => Promise<unknown>;
    return { id, reply: await carry(request, context) };
  } catch (error) {
    return { id, error: encodeError(toCodedError(error)) };
  }
}
