import { listenDatagram } from '@bhatti/sys/datagram.ts';
import type { DescriptorStore } from '@bhatti/sys/descriptor-store.ts';
import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { stampDatagrams } from '@bhatti/sys/stamped-datagram.ts';
import { listenUnix } from '@bhatti/sys/network/unix-listener.ts';
import { journalNativeSocket, journalStreamSocket, journalSyslogSocket, syslogPath } from '@bhatti/wire/guest-paths.ts';
import { chmodSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import type { EventThread } from '../event-thread/event-thread.ts';
import type { DatagramKind } from './datagram-log.ts';

/** /dev/log, sd_journal_send(3)'s and sd_journal_stream_fd(3)'s. */
export type LogSocketKind = DatagramKind | 'stdout';

const sockets: readonly (readonly [LogSocketKind, string])[] = [
  ['syslog', journalSyslogSocket],
  ['journal', journalNativeSocket],
  ['stdout', journalStreamSocket],
];
const streamBacklog = 128;

/**
 * The sockets that programs log to. They are kept by whoever outlives lohar: while it is away datagrams wait in them, and senders do when they are full. So the sockets are bound once a boot, and who has taken
 * /dev/log over meanwhile (a syslog daemon of Debian's) keeps it.
 */
export function openLogSockets(thread: EventThread, store: DescriptorStore): void {
  for (const [kind, path] of sockets) {
    try {
      const socket = store.take(`journal:${kind}`) ?? listen(kind, path);
      store.keep(`journal:${kind}`, socket);
      thread.log(kind, socket.fd);
    } catch (error) {
      // Units can be managed without.
      console.error(`cannot listen on "${path}": ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function listen(kind: LogSocketKind, path: string): OwnedFd {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  if (kind === 'stdout') {
    const socket = listenUnix(path, streamBacklog);
    chmodSync(path, 0o666);
    return socket;
  }
  const socket = listenDatagram(path);
  stampDatagrams(socket.fd);
  // As systemd has it: /dev/log leads to the socket.
  if (path === journalSyslogSocket && lstatSync(syslogPath, { throwIfNoEntry: false }) === undefined)
    symlinkSync(path, syslogPath);
  return socket;
}
