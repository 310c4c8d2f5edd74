import { BodyReader, broken, readI32 } from './body-reader.ts';
import { BodyWriter } from './body-writer.ts';

// D-Bus specification, "Message Protocol".
export const messageTypes = { call: 1, reply: 2, error: 3, signal: 4 } as const;
const fields = {
  path: 1,
  interface: 2,
  member: 3,
  errorName: 4,
  replySerial: 5,
  destination: 6,
  sender: 7,
  signature: 8,
} as const;
const noReplyExpected = 0x1;
const noAutoStart = 0x2;
const little = 0x6c; // "l"
const big = 0x42; // "B"
const fixedBytes = 16;
export const maxMessageBytes = 32 * 1024 * 1024; // what the bus lets through; a page of 500 elements is 0.1 MB, and who sends more than it may is thrown off the bus

/** A message that came in. Its body is read by whoever knows what it should hold. */
export interface Message {
  readonly type: number;
  readonly serial: number;
  readonly replySerial: number;
  readonly wantsReply: boolean;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly errorName: string;
  readonly sender: string;
  readonly signature: string;
  readonly body: () => BodyReader;
}

/** A message that goes out. */
export interface OutgoingMessage {
  readonly type: number;
  readonly serial: number;
  readonly replySerial?: number;
  readonly destination?: string;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly signature?: string;
  readonly body?: Uint8Array;
}

/** Length of the message that begins here; undefined while too little of it has come. Throws PROTOCOL_VIOLATION where no message begins. */
export function messageLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < fixedBytes) return undefined;
  const isLittle = isLittleEndian(bytes[0]);
  const fieldBytes = readI32(bytes, 12, isLittle) >>> 0;
  const length = ((fixedBytes + fieldBytes + 7) & ~7) + (readI32(bytes, 4, isLittle) >>> 0);
  if (fieldBytes > maxMessageBytes || length > maxMessageBytes) throw broken('it is larger than any may be');
  return length;
}

/** Decodes one whole message. */
export function decodeMessage(bytes: Uint8Array): Message {
  const isLittle = isLittleEndian(bytes[0]);
  const reader = new BodyReader(bytes, isLittle, 1);
  const type = reader.byte();
  const flags = reader.byte();
  reader.byte(); // version
  reader.u32(); // length of the body
  const serial = reader.u32();
  const values = new Map<number, unknown>();
  reader.array(8, () => {
    reader.struct();
    values.set(reader.byte(), reader.variant());
  });
  reader.align(8);
  const bodyAt = reader.at;
  const word = (field: number) => {
    const value = values.get(field);
    return typeof value === 'string' ? value : '';
  };
  const replySerial = values.get(fields.replySerial);
  return {
    type,
    serial,
    replySerial: typeof replySerial === 'number' ? replySerial : 0,
    wantsReply: (flags & noReplyExpected) === 0,
    path: word(fields.path),
    interface: word(fields.interface),
    member: word(fields.member),
    errorName: word(fields.errorName),
    sender: word(fields.sender),
    signature: word(fields.signature),
    // The header ends at a multiple of 8, so that alignment in the body is the same from either beginning.
    body: () => new BodyReader(bytes, isLittle, bodyAt),
  };
}

export function encodeMessage(message: OutgoingMessage): Uint8Array {
  const body = message.body ?? new Uint8Array(0);
  const writer = new BodyWriter();
  const flags = noAutoStart | (message.type === messageTypes.call ? 0 : noReplyExpected);
  writer.byte(little).byte(message.type).byte(flags).byte(1).u32(body.length).u32(message.serial);
  const field = (id: number, type: 's' | 'o' | 'g', value: string | undefined) => {
    if (value === undefined) return;
    writer.align(8).byte(id).signature(type);
    if (type === 'g') writer.signature(value);
    else writer.string(value);
  };
  writer.array(8, () => {
    field(fields.path, 'o', message.path);
    field(fields.interface, 's', message.interface);
    field(fields.member, 's', message.member);
    field(fields.errorName, 's', message.errorName);
    if (message.replySerial !== undefined) {
      writer.align(8).byte(fields.replySerial).signature('u').u32(message.replySerial);
    }
    field(fields.destination, 's', message.destination);
    if (body.length > 0) field(fields.signature, 'g', message.signature);
  });
  return writer.align(8).raw(body).bytes();
}

function isLittleEndian(mark: number | undefined): boolean {
  if (mark !== little && mark !== big) throw broken('it begins with no mark of byte order');
  return mark === little;
}
