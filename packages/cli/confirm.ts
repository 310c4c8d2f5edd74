import { CodedError } from '@bhatti/base/errors.ts';
import { isTerminal } from '@bhatti/sys/terminal/descriptor.ts';
import { openInput } from '@bhatti/sys/terminal/stdio.ts';

import { noteBytes } from './output.ts';

/** Asks before something that cannot be undone; only `y` goes on. Where nobody can answer it refuses and names `instead`. */
export async function confirm(question: string, instead: string): Promise<void> {
  if (!isTerminal(0))
    throw new CodedError(
      'USAGE',
      'cannot ask for confirmation: standard input is no terminal',
      {},
      { hint: `to do it without asking: ${instead}` },
    );
  await noteBytes(`${question} [y/N]: `);
  const input = openInput();
  const answer = new TextDecoder()
    .decode(await input.read())
    .trim()
    .toLowerCase();
  input.close();
  if (answer !== 'y') throw new CodedError('ABORTED', 'nothing was done', { by: 'you' });
}
