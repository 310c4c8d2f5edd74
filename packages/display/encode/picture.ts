import { CodedError } from '@bhatti/base/errors.ts';
import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import { intersectRects, isEmptyRect, type Rect } from '@bhatti/rfb/rect.ts';
import { openNativeScratch } from '@bhatti/sys/native/memory.ts';
import { compressWebp } from '@bhatti/sys/native/webp.ts';

import type { Codecs } from './codecs.ts';
import type { PictureJob } from './encode-job.ts';
import { drawLabels, type PictureLabel } from './label-overlay.ts';
import { drawCursor } from './overlay.ts';
import { encodePng } from './png.ts';
import { shrink } from './scale.ts';
import type { SegmentPixels, SourcePixels } from './segment-pixels.ts';

/** Makes picture files in one thread, one after the other. */
export interface PictureEncoder extends Disposable {
  encode(job: PictureJob): Uint8Array<ArrayBuffer>;
}

export function openPictureEncoder(segments: SegmentPixels, codecs: Codecs): PictureEncoder {
  const rows = openNativeScratch();
  const whole = openNativeScratch();
  const scaled = openNativeScratch();

  function encode(job: PictureJob): Uint8Array<ArrayBuffer> {
    const rect = partOfScreen(job);
    let pixels = segments.read(job.framebuffer, rect);
    if (job.cursor !== undefined || job.labels !== undefined) pixels = copyPixels(pixels.area);
    if (job.labels !== undefined)
      drawLabels(
        pixels.area,
        job.labels.map((label) => movedBy(label, -rect.x, -rect.y)),
      );
    if (job.cursor !== undefined)
      drawCursor(pixels.area, { ...job.cursor, x: job.cursor.x - rect.x, y: job.cursor.y - rect.y });
    if (job.size !== undefined && !isSize(pixels.area, job.size)) pixels = shrunk(pixels.area, job.size);
    return compress(job, pixels);
  }

  function copyPixels(area: PixelArea): SourcePixels {
    const { width, height } = area;
    const copy = areaIn(whole.atLeast(width * height * 4), width, height);
    for (let y = 0; y < height; y++) {
      const row = area.offset + y * area.stride;
      copy.area.words.set(area.words.subarray(row, row + width), y * width);
    }
    return copy;
  }

  function shrunk(area: PixelArea, size: { readonly widthPx: number; readonly heightPx: number }): SourcePixels {
    const { widthPx, heightPx } = size;
    const isSmaller = widthPx >= 1 && heightPx >= 1 && widthPx <= area.width && heightPx <= area.height;
    if (!isSmaller) throw refused(`${widthPx} × ${heightPx} pixels of ${area.width} × ${area.height}`, 'size');
    const target = areaIn(scaled.atLeast(widthPx * heightPx * 4), widthPx, heightPx);
    shrink(area, target.area);
    return target;
  }

  function compress(job: PictureJob, { area, address }: SourcePixels): Uint8Array<ArrayBuffer> {
    const native = { address, widthPx: area.width, heightPx: area.height, strideBytes: area.stride * 4 };
    switch (job.format) {
      case 'png':
        return encodePng(area, {
          deflate: (bytes) => codecs.deflate(bytes),
          crc32: (bytes) => codecs.crc32(bytes),
          plain: (bytes) => rows.atLeast(bytes).bytes,
        });
      case 'jpeg': {
        const jpeg = codecs.jpeg();
        if (jpeg === undefined) throw missing('libturbojpeg.so.0');
        // Text keeps its colours only where these have the resolution of brightness.
        return jpeg.compress(native, { quality: job.quality, subsampling: '4:4:4' }).slice();
      }
      case 'webp':
        return compressWebp(native, job.quality);
    }
  }

  return {
    encode,
    [Symbol.dispose]() {
      rows[Symbol.dispose]();
      whole[Symbol.dispose]();
      scaled[Symbol.dispose]();
    },
  };
}

function isSize(area: PixelArea, { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number }) {
  return area.width === widthPx && area.height === heightPx;
}

function partOfScreen({ framebuffer, rect }: PictureJob): Rect {
  const screen = { x: 0, y: 0, width: framebuffer.widthPx, height: framebuffer.heightPx };
  const part = rect === undefined ? screen : intersectRects(rect, screen);
  if (isEmptyRect(part)) throw refused('no pixel of the screen is in the rect', 'rect');
  return part;
}

function movedBy({ number, bounds }: PictureLabel, x: number, y: number): PictureLabel {
  return { number, bounds: { ...bounds, x: bounds.x + x, y: bounds.y + y } };
}

function areaIn(
  memory: { readonly address: number; readonly bytes: Uint8Array },
  width: number,
  height: number,
): SourcePixels {
  const words = new Int32Array(memory.bytes.buffer, 0, width * height);
  return { area: { words, offset: 0, stride: width, width, height }, address: memory.address };
}

function refused(why: string, argument: string): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', `cannot take a picture: ${why}`, { argument });
}

function missing(library: string): CodedError<'TOOL_MISSING'> {
  return new CodedError('TOOL_MISSING', `cannot take a picture: ${library} is not installed`, { tool: library });
}
