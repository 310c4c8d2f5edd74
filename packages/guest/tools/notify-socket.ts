import { sendDatagram } from '@bhatti/sys/datagram-send.ts';
import { isHungUp } from '@bhatti/sys/hangup.ts';
import { openPipe } from '@bhatti/sys/process/pipe.ts';
import { closeSync } from 'node:fs';

const heardWithinMs = 5_000;
const pollMs = 1;

/**
 * Sends what a service has to say (sd_notify(3)), and waits until it was heard: the end of a pipe goes along, which the service manager closes when it comes to it. Only then may the caller
 * go on and end; the word of a process that is gone already counts for nobody.
 */
export async function notify(socket: string, lines: readonly string[], until: 'at-once' | 'when-heard'): Promise<void> {
  sendDatagram(socket, `${lines.join('\n')}\n`);
  if (until === 'at-once') return;
  const { readFd, writeFd } = openPipe(0, 0);
  try {
    sendDatagram(socket, 'BARRIER=1', writeFd);
  } finally {
    closeSync(writeFd);
  }
  const startedAt = performance.now();
  while (!isHungUp(readFd) && performance.now() - startedAt < heardWithinMs)
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  closeSync(readFd);
}
