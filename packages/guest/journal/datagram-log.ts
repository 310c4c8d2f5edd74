import { monotonicUs, realtimeUs } from '@bhatti/sys/clock.ts';
import {
  openDatagramReader,
  openDatagramSender,
  type DatagramReader,
  type PeekedDatagram,
} from '@bhatti/sys/stamped-datagram.ts';
import { journalForwardSocket } from '@bhatti/wire/guest-paths.ts';
import { openLineFile } from './line-file.ts';
import type { Field } from './entry.ts';
import { encodeRecordValue } from './field-value.ts';
import { noUnit, partPath, unitJournalDir, type DatagramRecord } from './layout.ts';
import { parseNativeDatagram } from './native-datagram.ts';
import { RecordFile } from './record-file.ts';
import { SenderTable } from './sender.ts';
import { parseSyslogDatagram } from './syslog-datagram.ts';

const maxDatagramBytes = 256 * 1024; // above what a socket takes with the kernel's own limits (net.core.wmem_default)
const maxRound = 64; // so that who floods does not keep the others waiting

export type DatagramKind = 'syslog' | 'journal';
export type LogSender = Pick<PeekedDatagram, 'pid' | 'uid' | 'gid'>;

/**
 * What programs send to /dev/log and to the journal's socket. A datagram is written first and taken out of the socket then: a lohar that is killed in between leaves it there, and the next one knows it by the time
 * at which the kernel took it. So none is lost and none doubled.
 */
export class DatagramLog {
  readonly #root: string;
  readonly #sockets = new Map<number, DatagramKind>();
  readonly #files = new Map<string, RecordFile>();
  readonly #senders = new SenderTable();
  readonly #reader: DatagramReader;
  readonly #forward = openDatagramSender(journalForwardSocket);
  #last: string | undefined;
  #lost = 0;
  onRotated: () => void = () => {};

  /** `units` are those that have a journal. */
  constructor(root: string, units: readonly string[]) {
    this.#root = root;
    this.#reader = openDatagramReader(maxDatagramBytes);
    this.#last = newestIn(root, units);
  }

  /** Takes in what the sockets hold. */
  drain(): void {
    for (const [fd, kind] of this.#sockets) this.receive(fd, kind);
  }

  /** A socket whose datagrams are to be taken. */
  add(fd: number, kind: DatagramKind): void {
    this.#sockets.set(fd, kind);
  }

  receive(fd: number, kind: DatagramKind): void {
    for (let round = 0; round < maxRound; round += 1) {
      const datagram = this.#reader.peek(fd);
      if (datagram === undefined) return;
      const id = idOf(datagram.sentAtNs.toString(), datagram.pid);
      if (id !== this.#last) this.#take(datagram, kind);
      this.#last = id;
      this.#reader.drop(fd);
    }
  }

  isOpen(unit: string): boolean {
    return this.#files.has(unit);
  }

  rotate(): void {
    for (const file of this.#files.values()) file.rotate();
  }

  /** Writes one entry of a process. */
  append(
    { pid, uid, gid }: LogSender,
    transport: DatagramRecord['transport'],
    fields: readonly Field[],
    sent = 0n,
  ): void {
    const sender = this.#senders.find(pid);
    this.#append(sender.unit ?? noUnit, {
      kind: 'datagram',
      t: realtimeUs(),
      m: monotonicUs(),
      transport,
      sent: sent.toString(),
      pid,
      uid,
      gid,
      ...(sender.comm === undefined ? {} : { comm: sender.comm }),
      fields: fields.map(([name, value]) => [name, encodeRecordValue(value)]),
    });
  }

  #take(datagram: PeekedDatagram, kind: DatagramKind): void {
    const { bytes, sentAtNs } = datagram;
    const entries = kind === 'syslog' ? [parseSyslogDatagram(bytes)] : parseNativeDatagram(bytes);
    for (const fields of entries) this.append(datagram, kind, fields, sentAtNs);
    // Debian's way: a syslog daemon reads what the journal passes on (syslog.socket).
    if (kind === 'syslog') this.#forward.trySend(bytes);
  }

  /** A full disk costs lines, never more. */
  #append(unit: string, record: DatagramRecord): void {
    try {
      if (this.#lost > 0) {
        const text = `${this.#lost} messages were lost: they could not be written`;
        this.#fileOf(noUnit).append({ ...record, pid: process.pid, uid: 0, gid: 0, fields: lossFields(text) });
        this.#lost = 0;
      }
      if (this.#fileOf(unit).append(record)) this.onRotated();
    } catch (error) {
      if (this.#lost === 0)
        console.error(
          `messages are lost until they can be written: ${error instanceof Error ? error.message : String(error)}`,
        );
      this.#lost += 1;
    }
  }

  #fileOf(unit: string): RecordFile {
    const known = this.#files.get(unit);
    if (known !== undefined) return known;
    const file = new RecordFile(unitJournalDir(unit, this.#root), 'syslog.log');
    this.#files.set(unit, file);
    return file;
  }
}

function lossFields(text: string): [string, string][] {
  return [
    ['PRIORITY', '4'],
    ['SYSLOG_IDENTIFIER', 'lohar'],
    ['MESSAGE', text],
  ];
}

function idOf(sent: string, pid: number): string {
  return `${sent}/${pid}`;
}

/** The last datagram that an earlier lohar has written. */
function newestIn(root: string, units: readonly string[]): string | undefined {
  let newest: DatagramRecord | undefined;
  for (const unit of units) {
    const record = lastRecord(unitJournalDir(unit, root), 0) ?? lastRecord(unitJournalDir(unit, root), 1);
    if (record !== undefined && (newest === undefined || BigInt(record.sent) > BigInt(newest.sent))) newest = record;
  }
  return newest === undefined ? undefined : idOf(newest.sent, newest.pid);
}

function lastRecord(directory: string, generation: number): DatagramRecord | undefined {
  using file = openLineFile(partPath(directory, 'syslog.log', generation), 'records');
  for (const { text } of file?.backward(file.size) ?? []) {
    const record = typeof text === 'string' ? tryParse(text) : undefined;
    // What came over a connection ended with it.
    if (record !== undefined && record.transport !== 'stdout') return record;
  }
  return undefined;
}

function tryParse(text: string): DatagramRecord | undefined {
  try {
    // SAFETY: root's own file, written by this very executable.
    return JSON.parse(text) as DatagramRecord;
  } catch {
    return undefined; // expected: a crash of the machine has cut it
  }
}
