import { CodedError } from '@bhatti/base/errors.ts';
import { expandRgb565 } from '@bhatti/rfb/encode/pack-pixels.ts';
import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import { bgrx8888, pixelFormatsEqual, rgb565 } from '@bhatti/rfb/pixel-format.ts';
import type { Rect } from '@bhatti/rfb/rect.ts';
import { openNativeScratch } from '@bhatti/sys/native/memory.ts';
import { attachSharedSegment, type SharedSegment } from '@bhatti/sys/shm.ts';

import type { FramebufferRef, SegmentRef } from './encode-job.ts';

/** Pixels as 0x00RRGGBB words that native code can read too: the first of them is at `address`. */
export interface SourcePixels {
  readonly area: PixelArea;
  readonly address: number;
}

/** The shared segments that this thread has mapped, read-only. */
export interface SegmentPixels extends Disposable {
  attach(segment: SegmentRef): void;
  detach(segmentId: number): void;
  /** The pixels of one rect, which lies in the framebuffer. Where they must be converted they stay valid until the next call only. */
  read(framebuffer: FramebufferRef, rect: Rect): SourcePixels;
}

interface MappedSegment {
  readonly segment: SharedSegment;
  readonly words: Int32Array;
  readonly shorts: Uint16Array;
}

export function openSegmentPixels(): SegmentPixels {
  const segments = new Map<number, MappedSegment>();
  const expanded = openNativeScratch();

  function detach(segmentId: number): void {
    segments.get(segmentId)?.segment.detach();
    segments.delete(segmentId);
  }

  function attach(ref: SegmentRef): void {
    if (segments.has(ref.id)) return;
    const segment = attachSharedSegment(ref, { readOnly: true });
    const memory = segment.memory();
    const words = new Int32Array(memory, 0, ref.bytes >> 2);
    segments.set(ref.id, { segment, words, shorts: new Uint16Array(memory, 0, ref.bytes >> 1) });
  }

  function read(framebuffer: FramebufferRef, rect: Rect): SourcePixels {
    const mapped = segments.get(framebuffer.segmentId);
    if (mapped === undefined) throw refused(`segment ${framebuffer.segmentId} is not attached`);
    checkFit(framebuffer, mapped.segment.bytes);
    return pixelFormatsEqual(framebuffer.format, bgrx8888)
      ? readWords(framebuffer, rect, mapped)
      : expandShorts(framebuffer, rect, mapped);
  }

  function expandShorts(framebuffer: FramebufferRef, rect: Rect, { shorts }: MappedSegment): SourcePixels {
    const { width, height } = rect;
    const memory = expanded.atLeast(width * height * 4);
    const words = new Int32Array(memory.bytes.buffer, 0, width * height);
    const area = { words, offset: 0, stride: width, width, height };
    const stride = framebuffer.strideBytes >> 1;
    expandRgb565({ shorts, offset: (framebuffer.offsetBytes >> 1) + rect.y * stride + rect.x, stride }, area);
    return { area, address: memory.address };
  }

  return {
    attach,
    detach,
    read,
    [Symbol.dispose]() {
      for (const id of segments.keys()) detach(id);
      expanded[Symbol.dispose]();
    },
  };
}

function readWords(framebuffer: FramebufferRef, rect: Rect, { words, segment }: MappedSegment): SourcePixels {
  const stride = framebuffer.strideBytes >> 2;
  const offset = (framebuffer.offsetBytes >> 2) + rect.y * stride + rect.x;
  const area = { words, offset, stride, width: rect.width, height: rect.height };
  return { area, address: segment.address + offset * 4 };
}

// Native code reads without bounds, so a framebuffer that is not all in its segment must not get that far.
function checkFit(framebuffer: FramebufferRef, segmentBytes: number): void {
  const { offsetBytes, widthPx, heightPx, strideBytes, format } = framebuffer;
  const isWide = pixelFormatsEqual(format, bgrx8888);
  if (!isWide && !pixelFormatsEqual(format, rgb565)) throw refused(`${format.bitsPerPixel} bits a pixel`);
  const pixelBytes = isWide ? 4 : 2;
  const isAligned = offsetBytes % pixelBytes === 0 && strideBytes % pixelBytes === 0;
  const end = offsetBytes + (heightPx - 1) * strideBytes + widthPx * pixelBytes;
  if (!isAligned || offsetBytes < 0 || strideBytes < widthPx * pixelBytes || end > segmentBytes) {
    throw refused(`${widthPx} × ${heightPx} pixels with ${strideBytes} bytes a row leave their segment`);
  }
}

function refused(why: string): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', `cannot read the framebuffer: ${why}`, { argument: 'framebuffer' });
}
