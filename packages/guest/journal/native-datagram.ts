import type { Field } from './entry.ts';
import { fieldValue } from './field-value.ts';

const newline = 10;
const equals = 61;
const maxFields = 1_024; // journald's bound
const fieldName = /^[A-Z][A-Z0-9_]{0,63}$/; // those with an underscore in front are the journal's own to give

/**
 * The entries of a datagram that sd_journal_send(3) and its kin write: `KEY=value` lines, or `KEY`, a newline, 64 bits of length, the bytes and a newline; an empty line between entries. Fields whose names
 * clients may not use are left out. Nothing at all where a length is not what it says (systemd, "Native Journal Protocol").
 */
export function parseNativeDatagram(bytes: Uint8Array): Field[][] {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Field[][] = [];
  let fields: Field[] = [];
  let at = 0;
  while (at < view.length) {
    const found = view.indexOf(newline, at);
    const end = found === -1 ? view.length : found;
    const separator = view.subarray(at, end).indexOf(equals);
    if (end === at) {
      if (fields.length > 0) entries.push(fields);
      fields = [];
      at += 1;
    } else if (view[at] === 0x23 || view[at] === 0x2e) {
      at = end + 1; // `#` and `.`: comments and control lines
    } else if (separator !== -1) {
      addField(fields, view.toString('latin1', at, at + separator), view.subarray(at + separator + 1, end));
      at = end + 1;
    } else {
      const value = readSized(view, end + 1);
      if (value === undefined) return [];
      addField(fields, view.toString('latin1', at, end), value);
      at = end + 1 + 8 + value.length + 1;
    }
  }
  if (fields.length > 0) entries.push(fields);
  return entries;
}

function readSized(view: Buffer, at: number): Buffer | undefined {
  if (at + 8 > view.length) return undefined;
  const length = view.readBigUInt64LE(at);
  const start = at + 8;
  if (length > BigInt(view.length - start - 1)) return undefined;
  const end = start + Number(length);
  return view[end] === newline ? view.subarray(start, end) : undefined;
}

function addField(fields: Field[], name: string, value: Uint8Array): void {
  if (fields.length < maxFields && fieldName.test(name)) fields.push([name, fieldValue(value)]);
}
