/** The parts of DNS messages (RFC 1035) that a forwarder must understand: header, question, and which addresses an answer names. Bytes from guests and from the net are hostile. */
export interface DnsQuery {
  readonly id: number;
  /** Lower-case, without the final dot; the root is ''. */
  readonly name: string;
  readonly type: number;
  /** Whether recursion is desired; the reply repeats it. */
  readonly recursion: boolean;
  /** The question section as it came, to be repeated in the reply. */
  readonly question: Uint8Array;
}

export const typeA = 1;
export const typePtr = 12;
export const typeAaaa = 28;
const typeIxfr = 251;
export const typeAny = 255;
const classIn = 1;

/** Whether a type asks for a whole zone or for everything: no sandbox needs that, and its answers are the large ones. */
export function isBulkType(type: number): boolean {
  return type >= typeIxfr && type <= typeAny;
}

export const rcodeOk = 0;
export const rcodeServfail = 2;
export const rcodeNxdomain = 3;
export const rcodeRefused = 5;

const headerSize = 12;
const maxLabel = 63;
const maxName = 253;
const flagReply = 0x8000;
const flagRecursionDesired = 0x0100;
const flagRecursionAvailable = 0x0080;
const opcodeMask = 0x7800;

/** A standard query with one question of class IN; undefined for everything else, which gets no reply. */
export function parseQuery(bytes: Uint8Array): DnsQuery | undefined {
  if (bytes.length < headerSize) return undefined;
  const view = viewOf(bytes);
  const flags = view.getUint16(2);
  if ((flags & (flagReply | opcodeMask)) !== 0 || view.getUint16(4) !== 1) return undefined;
  const name = readQuestionName(bytes);
  if (name === undefined || name.end + 4 > bytes.length || view.getUint16(name.end + 2) !== classIn) return undefined;
  return {
    id: view.getUint16(0),
    name: name.text,
    type: view.getUint16(name.end),
    recursion: (flags & flagRecursionDesired) !== 0,
    question: bytes.slice(headerSize, name.end + 4),
  };
}

/** A question's name is never compressed, since nothing stands before it. */
function readQuestionName(bytes: Uint8Array): { text: string; end: number } | undefined {
  const labels: string[] = [];
  let at = headerSize;
  for (;;) {
    const length = bytes[at];
    if (length === undefined || length > maxLabel || at + 1 + length > bytes.length) return undefined;
    if (length === 0) break;
    labels.push(String.fromCharCode(...bytes.subarray(at + 1, at + 1 + length)));
    at += 1 + length;
  }
  const text = labels.join('.').toLowerCase();
  return text.length > maxName ? undefined : { text, end: at + 1 };
}

export interface DnsAnswer {
  readonly type: number;
  readonly ttlSeconds: number;
  readonly data: Uint8Array;
}

/** A reply of our own to a query. */
export function formatReply(query: DnsQuery, rcode: number, answers: readonly DnsAnswer[] = []): Uint8Array {
  const size = headerSize + query.question.length + answers.reduce((sum, { data }) => sum + 12 + data.length, 0);
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes);
  view.setUint16(0, query.id);
  view.setUint16(2, flagReply | flagRecursionAvailable | (query.recursion ? flagRecursionDesired : 0) | rcode);
  view.setUint16(4, 1);
  view.setUint16(6, answers.length);
  bytes.set(query.question, headerSize);
  let at = headerSize + query.question.length;
  for (const { type, ttlSeconds, data } of answers) {
    view.setUint16(at, 0xc000 | headerSize); // a pointer to the question's name
    view.setUint16(at + 2, type);
    view.setUint16(at + 4, classIn);
    view.setUint32(at + 6, ttlSeconds);
    view.setUint16(at + 10, data.length);
    bytes.set(data, at + 12);
    at += 12 + data.length;
  }
  return bytes;
}

/** A name as the data of a PTR record. */
export function encodeName(name: string): Uint8Array {
  const labels = name.split('.').filter((label) => label !== '');
  return Uint8Array.from([...labels.flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]), 0]);
}

/** Whether these bytes are a reply to this query, sent under `id`. Everything else that reaches the socket is somebody's guess. */
export function isReplyTo(query: DnsQuery, id: number, bytes: Uint8Array): boolean {
  if (bytes.length < headerSize + query.question.length) return false;
  const view = viewOf(bytes);
  if (view.getUint16(0) !== id || (view.getUint16(2) & flagReply) === 0 || view.getUint16(4) !== 1) return false;
  const asked = query.question;
  const repeated = bytes.subarray(headerSize, headerSize + asked.length);
  return asked.every((byte, index) => lowerCase(byte) === lowerCase(repeated[index] ?? 0));
}

/**
 * The addresses in every section of a reply, as raw bytes: 4 of an A, 16 of an AAAA record. Undefined when the reply is malformed.
 */
export function addressesIn(query: DnsQuery, bytes: Uint8Array): Uint8Array[] | undefined {
  const view = viewOf(bytes);
  const count = view.getUint16(6) + view.getUint16(8) + view.getUint16(10);
  const found: Uint8Array[] = [];
  let at = headerSize + query.question.length;
  for (let index = 0; index < count; index++) {
    const fields = skipName(bytes, at);
    if (fields === undefined || fields + 10 > bytes.length) return undefined;
    const type = view.getUint16(fields);
    const end = fields + 10 + view.getUint16(fields + 8);
    if (end > bytes.length) return undefined;
    const data = bytes.subarray(fields + 10, end);
    if ((type === typeA && data.length === 4) || (type === typeAaaa && data.length === 16)) found.push(data);
    at = end;
  }
  return found;
}

/** Where a record's name ends. A pointer ends it; where that points to is of no interest here, so loops cannot hold us. */
function skipName(bytes: Uint8Array, start: number): number | undefined {
  let at = start;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) return undefined;
    if (length === 0) return at + 1;
    if ((length & 0xc0) === 0xc0) return at + 2;
    if (length > maxLabel) return undefined;
    at += 1 + length;
  }
}

/** The same message under another id. */
export function withId(bytes: Uint8Array, id: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  viewOf(copy).setUint16(0, id);
  return copy;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
