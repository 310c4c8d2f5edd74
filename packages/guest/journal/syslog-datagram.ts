import type { Field, FieldValue } from './entry.ts';
import { fieldValue } from './field-value.ts';

const userInfo = 14; // facility user, priority info: what journald takes for granted
const maxHeaderBytes = 4_096; // what is longer is no header
const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const oldTime = new RegExp(`^(?:${months}) [ \\d]\\d \\d\\d:\\d\\d:\\d\\d `);
const tag = /^([^\s:[]+)(?:\[([^\]\s]*)\])?:(?:\s|$)/;
// RFC 5424 §6: VERSION SP TIMESTAMP SP HOSTNAME SP APP-NAME SP PROCID SP MSGID SP (STRUCTURED-DATA)
const newHeader = /^1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) /;
const structuredData = /^(?:-|(?:\[(?:[^\]"\\]|\\.|"(?:[^"\\]|\\.)*")*\])+)(?: |$)/;

/**
 * The fields of a datagram that syslog(3), logger(1) and their kin send to /dev/log: RFC 3164 as glibc writes it (without a host), or RFC 5424. Never fails: what has no header is all message. Read as journald reads
 * it: trailing white space and what follows a NUL are no part of it.
 */
export function parseSyslogDatagram(bytes: Uint8Array): Field[] {
  // One character a byte, so that places in the text are places in the bytes.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const nul = text.indexOf('\0');
  const end = trimmedEnd(text, nul === -1 ? text.length : nul);
  const pri = /^<(\d{1,3})>/.exec(text.slice(0, 5));
  const number = pri === null ? userInfo : Number(pri[1]);
  const fields: Field[] = [['PRIORITY', String(number & 7)]];
  if (number >> 3 > 0) fields.push(['SYSLOG_FACILITY', String(number >> 3)]);
  const at = pri?.[0].length ?? 0;
  const body: Body = { bytes, text: text.slice(0, end), at };
  fields.push(...(parseNew(body) ?? parseOld(body)));
  return fields;
}

interface Body {
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly at: number;
}

function parseOld({ bytes, text, at }: Body): Field[] {
  const fields: Field[] = [];
  let start = at;
  while (text[start] === ' ' || text[start] === '\t') start += 1;
  const time = oldTime.exec(text.slice(start, start + 16))?.[0];
  if (time !== undefined) {
    fields.push(['SYSLOG_TIMESTAMP', time]);
    start += time.length;
  }
  const found = tag.exec(text.slice(start, start + maxHeaderBytes));
  if (found !== null) {
    const [whole, name = '', pid = ''] = found;
    fields.push(['SYSLOG_IDENTIFIER', valueOf(bytes, start, start + name.length)]);
    if (pid !== '') fields.push(['SYSLOG_PID', pid]);
    start += whole.length;
  }
  fields.push(['MESSAGE', valueOf(bytes, start, text.length)]);
  return fields;
}

/** Undefined when it is none. `-` stands for nothing (RFC 5424 §6, NILVALUE). */
function parseNew({ bytes, text, at }: Body): Field[] | undefined {
  const header = newHeader.exec(text.slice(at, at + maxHeaderBytes));
  if (header === null) return undefined;
  const dataAt = at + header[0].length;
  const data = structuredData.exec(text.slice(dataAt, dataAt + maxHeaderBytes));
  if (data === null) return undefined;
  const [, time = '-', , name = '-', pid = '-', id = '-'] = header;
  const fields: Field[] = [];
  const add = (field: string, value: string) => {
    if (value !== '-') fields.push([field, value]);
  };
  add('SYSLOG_TIMESTAMP', time);
  add('SYSLOG_IDENTIFIER', name);
  add('SYSLOG_PID', pid);
  add('SYSLOG_MSGID', id);
  add('SYSLOG_STRUCTURED_DATA', data[0].trimEnd());
  let start = dataAt + data[0].length;
  if (text.startsWith('\xef\xbb\xbf', start)) start += 3;
  fields.push(['MESSAGE', valueOf(bytes, start, text.length)]);
  return fields;
}

function valueOf(bytes: Uint8Array, start: number, end: number): FieldValue {
  return fieldValue(bytes.subarray(Math.min(start, end), end));
}

function trimmedEnd(text: string, length: number): number {
  let end = length;
  while (end > 0 && ' \t\n\r'.includes(text.charAt(end - 1))) end -= 1;
  return end;
}
