import { ByteWriter } from './byte-writer.ts';
import type { ClientMessage } from './client-message.ts';
import { encodeClipboardMessage } from './clipboard.ts';
import { encodeLatin1 } from './latin1.ts';
import { ClientMessageType, QemuMessageType } from './numbers.ts';
import { encodePixelFormat } from './pixel-format.ts';
import type { Rect } from './rect.ts';
import { writeScreens } from './screen-layout.ts';

/** The bytes of one client message. A pointer event with a button beyond the seventh is written in its extended form, which the server must have offered. */
export function encodeClientMessage(
  message: Exclude<ClientMessage, { type: 'oversizedCutText' }>,
): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(64);
  switch (message.type) {
    case 'setPixelFormat':
      writer.u8(ClientMessageType.setPixelFormat).zeros(3).bytes(encodePixelFormat(message.format));
      break;
    case 'setEncodings':
      writer.u8(ClientMessageType.setEncodings).zeros(1).u16(message.encodings.length);
      for (const encoding of message.encodings) writer.i32(encoding);
      break;
    case 'framebufferUpdateRequest':
      writer.u8(ClientMessageType.framebufferUpdateRequest).u8(message.incremental ? 1 : 0);
      writeRect(writer, message.rect);
      break;
    case 'keyEvent':
      writer
        .u8(ClientMessageType.keyEvent)
        .u8(message.down ? 1 : 0)
        .zeros(2)
        .u32(message.keysym);
      break;
    case 'qemuExtendedKeyEvent':
      writer
        .u8(ClientMessageType.qemu)
        .u8(QemuMessageType.extendedKeyEvent)
        .u16(message.down ? 1 : 0);
      writer.u32(message.keysym).u32(message.keycode);
      break;
    case 'pointerEvent':
      writePointerEvent(writer, message);
      break;
    case 'clientCutText':
      writeCutText(writer, { body: encodeLatin1(message.text), isExtended: false });
      break;
    case 'extendedClipboard':
      writeCutText(writer, { body: encodeClipboardMessage(message.clipboard), isExtended: true });
      break;
    case 'clientFence':
      writer.u8(ClientMessageType.clientFence).zeros(3).u32(message.flags).u8(message.payload.length);
      writer.bytes(message.payload);
      break;
    case 'enableContinuousUpdates':
      writer.u8(ClientMessageType.enableContinuousUpdates).u8(message.enable ? 1 : 0);
      writeRect(writer, message.rect);
      break;
    case 'setDesktopSize':
      writer.u8(ClientMessageType.setDesktopSize).zeros(1).u16(message.width).u16(message.height);
      writer.u8(message.screens.length).zeros(1);
      writeScreens(writer, message.screens);
      break;
  }
  return writer.copy();
}

function writePointerEvent(writer: ByteWriter, message: Extract<ClientMessage, { type: 'pointerEvent' }>): void {
  const { x, y, buttonMask } = message;
  const isExtended = buttonMask > 0x7f;
  writer
    .u8(ClientMessageType.pointerEvent)
    .u8((buttonMask & 0x7f) | (isExtended ? 0x80 : 0))
    .u16(x)
    .u16(y);
  if (isExtended) writer.u8(buttonMask >> 7);
}

function writeCutText(writer: ByteWriter, text: { body: Uint8Array; isExtended: boolean }): void {
  const { body, isExtended } = text;
  writer
    .u8(ClientMessageType.clientCutText)
    .zeros(3)
    .i32(isExtended ? -body.length : body.length)
    .bytes(body);
}

function writeRect(writer: ByteWriter, rect: Rect): void {
  writer.u16(rect.x).u16(rect.y).u16(rect.width).u16(rect.height);
}
