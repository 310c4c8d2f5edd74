import type { FieldValue } from './entry.ts';
import type { RecordValue } from './layout.ts';

/** Bytes as text where they are UTF-8, and as a copy of themselves where not. */
export function fieldValue(bytes: Uint8Array): FieldValue {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = view.toString('utf8');
  if (!text.includes('\u{fffd}')) return text;
  // The sign may stand there by right.
  return Buffer.from(text).equals(view) ? text : Uint8Array.from(bytes);
}

export function encodeRecordValue(value: FieldValue): RecordValue {
  return typeof value === 'string' ? value : { base64: Buffer.from(value).toString('base64') };
}

export function decodeRecordValue(value: RecordValue): FieldValue {
  return typeof value === 'string' ? value : new Uint8Array(Buffer.from(value.base64, 'base64'));
}
