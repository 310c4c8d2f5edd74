import type { Duplex } from 'node:stream';

/**
 * Joins two byte streams until both directions have ended: what one side sends the other gets, at the pace of the slower, and an end is passed on as an end. A side that
 * vanishes takes the other with it. Resolves when both are closed, and never rejects: how a connection of two others ended is not this process's business.
 */
export async function joinStreams(a: Duplex, b: Duplex): Promise<void> {
  const closed = Promise.all([closedTogether(a, b), closedTogether(b, a)]);
  a.pipe(b);
  b.pipe(a);
  await closed;
}

function closedTogether(stream: Duplex, other: Duplex): Promise<void> {
  return new Promise((resolve) => {
    let hasFailed = false;
    stream.once('error', () => {
      hasFailed = true;
      other.destroy();
    });
    stream.once('close', () => {
      resolve();
      // It ended in order: what it sent last may still be on its way out of the other side.
      if (!hasFailed && stream.readableEnded && !other.writableFinished) other.once('finish', () => other.destroy());
      else other.destroy();
    });
    // It was gone before we looked: no event will come any more.
    if (stream.destroyed) {
      other.destroy();
      resolve();
    }
  });
}
