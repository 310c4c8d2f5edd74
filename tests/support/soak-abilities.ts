import { Encoding, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import { packPixel, type PixelFormat, rgb565, unpackPixel } from '@bhatti/rfb/pixel-format.ts';
import { usualEncodings } from './rfb-viewer.ts';

/** A kind of viewer: what it names, and how it asks. */
export interface ViewerKind {
  readonly name: string;
  readonly encodings: readonly number[];
  readonly format?: PixelFormat;
  readonly isContinuous?: boolean;
}

const { continuousUpdates, desktopSize, extendedDesktopSize, fence, jpegQualityLevel0 } = PseudoEncoding;
const { copyRect, h264, raw, tight, zrle } = Encoding;
const sized = [desktopSize, extendedDesktopSize];

export const viewerKinds: readonly ViewerKind[] = [
  { name: 'raw', encodings: [raw, ...sized] },
  { name: 'raw in 16 bits', encodings: [raw, copyRect, desktopSize], format: rgb565 },
  { name: 'ZRLE', encodings: [zrle, copyRect, ...sized] },
  { name: 'ZRLE with fences', encodings: [zrle, ...sized, fence] },
  { name: 'Tight without loss', encodings: [tight, copyRect, ...sized, fence] },
  { name: 'Tight with JPEG', encodings: usualEncodings },
  { name: 'JPEG without fences', encodings: [tight, copyRect, jpegQualityLevel0 + 3, ...sized] },
  { name: 'JPEG, continuous', encodings: usualEncodings, isContinuous: true },
  { name: 'H.264', encodings: [h264, ...usualEncodings] },
  { name: 'H.264, continuous', encodings: [h264, ...usualEncodings], isContinuous: true },
  { name: 'H.264 without fences', encodings: [h264, tight, jpegQualityLevel0 + 9, continuousUpdates, ...sized] },
];

/** What such a viewer shows where the X server has this colour. */
export function seenBy({ format }: ViewerKind, word: number): number {
  if (format === undefined) return word;
  return unpackPixel(format, packPixel(format, (word >> 16) & 0xff, (word >> 8) & 0xff, word & 0xff)) & 0xff_ffff;
}
