import type { Duplex } from 'node:stream';

// Whoever leaves a WebSocket ends its own direction, and a guest that never ends the other one would hold the connection, and keep its sandbox awake, for ever.
const lingerMs = 5_000;

/**
 * Joins two byte streams until both directions have ended: what one side sends the other gets, at the pace of the slower, and an end is passed on as an end; the other direction may then still
 * finish, but not fall silent. A side that vanishes takes the other with it. Resolves when both are closed, and never rejects: how a connection of two others ended is not this process's
 * business.
 */
export async function joinStreams(a: Duplex, b: Duplex): Promise<void> {
  const closed = Promise.all([closedTogether(a, b), closedTogether(b, a)]);
  const stopLingering = [endWhenSilent(a, b), endWhenSilent(b, a)];
  a.pipe(b);
  b.pipe(a);
  await closed;
  for (const stop of stopLingering) stop();
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

/** Once `ended` has sent its last, `speaking` may go on for as long as it says something. Returns what stops the waiting. */
function endWhenSilent(ended: Duplex, speaking: Duplex): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      ended.destroy();
      speaking.destroy();
    }, lingerMs);
  };
  ended.once('end', () => {
    wait();
    speaking.on('data', wait);
  });
  return () => clearTimeout(timer);
}
