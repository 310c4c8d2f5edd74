// A process of its own: it carries packets between two TUN devices through an emulated link, until its standard input is closed. Argument: a PumpOrder as JSON.
import { openEpoll } from '@bhatti/sys/epoll.ts';
import { readSync, writeSync } from 'node:fs';
import { setPriority } from 'node:os';
import { LinkQueue, type LinkShape } from './link-queue.ts';
import { openTun } from './tun.ts';

export interface PumpOrder {
  /** One end each; the shape is that of either direction. */
  readonly devices: readonly [string, string];
  readonly shape: LinkShape;
}

const order: PumpOrder = JSON.parse(process.argv[2] ?? '');
const largestPacket = 65_536;
const stdin = 0;

// A link does not slow down because the machine at its end is busy.
setPriority(-15);
const [left, right] = order.devices.map(openTun);
if (left === undefined || right === undefined) throw new Error('a link has two ends');
const directions = [
  { from: left, to: right, queue: new LinkQueue(order.shape) },
  { from: right, to: left, queue: new LinkQueue(order.shape) },
];
using epoll = openEpoll();
for (const fd of [left, right, stdin]) epoll.add(fd);
console.log('ready');

const buffer = new Uint8Array(largestPacket);
for (;;) {
  const next = Math.min(...directions.map(({ queue }) => queue.nextAtMs ?? Number.POSITIVE_INFINITY));
  const waitMs = next === Number.POSITIVE_INFINITY ? -1 : Math.max(0, Math.ceil(next - performance.now()));
  const readable = epoll.wait(waitMs);
  if (readable.includes(stdin)) break; // nothing is ever written to it
  for (const { from, queue } of directions) {
    if (readable.includes(from)) queue.push(buffer.slice(0, readSync(from, buffer)), performance.now());
  }
  for (const { to, queue } of directions) {
    for (let packet = queue.tryTake(performance.now()); packet !== undefined;) {
      writeSync(to, packet);
      packet = queue.tryTake(performance.now());
    }
  }
}
