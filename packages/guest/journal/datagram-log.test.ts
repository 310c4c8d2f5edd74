import { listenDatagram } from '@bhatti/sys/datagram.ts';
import type { OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { openDatagramReader, openDatagramSender, stampDatagrams } from '@bhatti/sys/stamped-datagram.ts';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatagramLog } from './datagram-log.ts';
import { JournalReader } from './read.ts';
import { unitOfCgroup } from './sender.ts';
import { journalUnits } from './units.ts';

let root = '';
let socket: OwnedFd;
let send: (text: string) => void;
const path = () => join(root, 'log');
const openLog = () => new DatagramLog(root, journalUnits(root));
const messages = () => Array.from(new JournalReader(root).forward(journalUnits(root), 0), ({ message }) => message);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bhatti-journal-'));
  socket = listenDatagram(path());
  stampDatagrams(socket.fd);
  const sender = openDatagramSender(path());
  send = (text) => sender.trySend(Buffer.from(text));
});
afterEach(() => {
  socket[Symbol.dispose]();
  rmSync(root, { recursive: true, force: true });
});

describe('a datagram', () => {
  test('is written once, with who sent it', () => {
    const log = openLog();
    send('<13>t: one');
    send('<13>t: one');
    log.receive(socket.fd, 'syslog');
    log.receive(socket.fd, 'syslog');
    expect(messages()).toEqual(['one', 'one']);
    const [entry] = new JournalReader(root).forward(journalUnits(root), 0);
    expect(entry?.speaker).toMatchObject({ pid: process.pid, uid: 0, transport: 'syslog', identifier: 't' });
  });

  test('that was written and not taken out before a death is not written again', () => {
    send('<13>t: before');
    using reader = openDatagramReader(1_024);
    const earlier = openLog();
    earlier.receive(socket.fd, 'syslog');
    send('<13>t: same');
    send('<13>t: same');
    // Written, and the writer dies: what `receive` does but for taking it out.
    const seen = reader.peek(socket.fd);
    if (seen === undefined) throw new Error('nothing came');
    earlier.append(seen, 'syslog', [['MESSAGE', 'same']], seen.sentAtNs);
    earlier.append(seen, 'stdout', [['MESSAGE', 'of a stream']]);
    openLog().receive(socket.fd, 'syslog');
    expect(messages()).toEqual(['before', 'same', 'of a stream', 'same']);
  });

  test('begins a line of its own after one that a crash has cut', () => {
    mkdirSync(join(root, 'messages'));
    writeFileSync(join(root, 'messages', 'syslog.log'), '{"kind":"datagram","t":1,"m":1,"fie');
    send('<13>t: whole');
    openLog().receive(socket.fd, 'syslog');
    expect(messages()).toEqual(['whole']);
  });

  test('is lost where it cannot be written, and that is said', () => {
    const log = openLog();
    appendFileSync(join(root, 'messages'), 'a file in the way');
    send('<13>t: lost');
    log.receive(socket.fd, 'syslog');
    rmSync(join(root, 'messages'));
    send('<13>t: kept');
    log.receive(socket.fd, 'syslog');
    expect(messages()).toEqual(['1 messages were lost: they could not be written', 'kept']);
  });
});

test('a process belongs to the unit whose group it is in, or one below', () => {
  const cases: [string, string | undefined][] = [
    ['0::/system.slice/nginx.service\n', 'nginx.service'],
    ['12:pids:/x\n0::/system.slice/a@b.service/worker/inner.service\n', 'a@b.service'],
    ['0::/system.slice/my.slice/foo.socket\n', 'foo.socket'],
    ['0::/init.scope\n', undefined],
    ['0::/\n', undefined],
    ['0::/system.slice/gone.service (deleted)\n', undefined],
    ['', undefined],
  ];
  for (const [text, unit] of cases) expect([text, unitOfCgroup(text)]).toEqual([text, unit]);
});
