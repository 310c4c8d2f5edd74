import { ByteWriter } from '@bhatti/rfb/byte-writer.ts';
import { convertPixels } from '@bhatti/rfb/encode/pack-pixels.ts';
import { Palette } from '@bhatti/rfb/encode/palette.ts';
import { partOf, type PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';
import { type PixelCoding, rawCoding, tightCoding, zrleCoding } from '@bhatti/rfb/encode/pixel-layout.ts';
import { writeRawRect } from '@bhatti/rfb/encode/raw.ts';
import {
  maxTightBytes,
  type TightTools,
  writeTightFill,
  writeTightFullColour,
  writeTightJpeg,
  writeTightPalette,
} from '@bhatti/rfb/encode/tight.ts';
import { writeZrleRect } from '@bhatti/rfb/encode/zrle.ts';
import { Encoding } from '@bhatti/rfb/numbers.ts';
import { isEmptyRect, intersectRects, type Rect, translateRect } from '@bhatti/rfb/rect.ts';
import { openNativeScratch } from '@bhatti/sys/native/memory.ts';

import type { Codecs } from './codecs.ts';
import type { EncodedRect, EncodeJob, EncodeMode } from './encode-job.ts';
import { openPlanner, type PlannedRect, type Planner } from './plan.ts';
import type { SegmentPixels, SourcePixels } from './segment-pixels.ts';

/** Encodes jobs in one thread, one after the other. */
export interface RectEncoder extends Disposable {
  /** All rects of the result share one buffer, which is the caller's. */
  encode(job: EncodeJob): EncodedRect[];
}

export function openRectEncoder(segments: SegmentPixels, codecs: Codecs): RectEncoder {
  const plainScratch = openNativeScratch();
  const plain = (bytes: number) => plainScratch.atLeast(bytes).bytes;
  const tools: TightTools = { deflate: (bytes) => codecs.deflate(bytes), plain };
  const workers = { narrow: openWorkspace({ hasWholeWords: false }), wide: openWorkspace({ hasWholeWords: true }) };
  let converted = new Int32Array(0);

  function encode(job: EncodeJob): EncodedRect[] {
    const writer = new ByteWriter(64 * 1024);
    const spans: Span[] = [];
    const { widthPx, heightPx } = job.framebuffer;
    const coding = codingOf(job);
    for (const asked of job.rects) {
      const rect = intersectRects(asked, { x: 0, y: 0, width: widthPx, height: heightPx });
      if (isEmptyRect(rect)) continue;
      const source = segments.read(job.framebuffer, rect);
      const pixels = { rect, source, area: toValues(source.area, coding), coding };
      const workspace = coding.layout.bytes === 4 ? workers.wide : workers.narrow;
      encodeRect(job, pixels, { writer, spans, workspace });
    }
    const bytes = writer.copy();
    return spans.map(({ start, end, ...rest }) => ({ ...rest, bytes: bytes.subarray(start, end) }));
  }

  // To the values of the viewers' pixel format, where they are not what is in the framebuffer.
  function toValues(area: PixelArea, { tables }: PixelCoding): PixelArea {
    if (tables === undefined) return area;
    const { width, height } = area;
    if (converted.length < width * height) converted = new Int32Array(width * height);
    convertPixels(area, tables, converted);
    return { words: converted, offset: 0, stride: width, width, height };
  }

  function encodeRect(job: EncodeJob, pixels: Pixels, output: Output): void {
    const { rect, area, coding } = pixels;
    const { writer, workspace } = output;
    if (job.encoding === 'tight') return encodeTight(job.mode, pixels, output);
    const start = writer.length;
    if (job.encoding === 'raw') {
      writeRawRect(writer, { rect, area, layout: coding.layout });
    } else {
      const deflateBlocks = (bytes: Uint8Array) => codecs.deflateBlocks(bytes);
      writeZrleRect(
        writer,
        { rect, area, layout: coding.layout },
        { deflateBlocks, plain, palette: workspace.palette },
      );
    }
    const encoding = job.encoding === 'raw' ? Encoding.raw : Encoding.zrle;
    output.spans.push({ rect, encoding, isLossy: false, start, end: writer.length });
  }

  function encodeTight(mode: EncodeMode, pixels: Pixels, output: Output): void {
    // The community document allows JPEG in 16 and 32 bits a pixel only.
    const jpeg = mode.kind === 'lossy' && pixels.coding.layout.bytes !== 1 ? codecs.jpeg() : undefined;
    const rgb = jpeg === undefined ? undefined : pixels.source.area;
    for (const planned of output.workspace.planner.plan(pixels.area, { rgb })) {
      const start = output.writer.length;
      const rect = translateRect(planned.rect, pixels.rect.x, pixels.rect.y);
      const picture =
        planned.kind === 'picture' && mode.kind === 'lossy'
          ? jpeg?.compress(nativePart(pixels.source, planned.rect), mode)
          : undefined;
      // Noise at the highest quality is larger as JPEG than as it is, and may be too large for a Tight rect.
      const isJpeg = picture !== undefined && picture.length < maxTightBytes;
      if (isJpeg) writeTightJpeg(output.writer, rect, picture);
      else writeExact(planned, rect, pixels, output);
      output.spans.push({ rect, encoding: Encoding.tight, isLossy: isJpeg, start, end: output.writer.length });
    }
  }

  function writeExact(planned: PlannedRect, rect: Rect, pixels: Pixels, { writer, workspace }: Output): void {
    const { layout } = pixels.coding;
    const area = partOf(pixels.area, planned.rect);
    switch (planned.kind) {
      case 'fill':
        return writeTightFill(writer, rect, planned.colour, layout);
      case 'palette': {
        const { palette } = workspace;
        palette.clear();
        for (const colour of planned.colours) palette.addColour(colour, planned.colours.length);
        return writeTightPalette(writer, { rect, area, layout, palette }, tools);
      }
      case 'fullColour':
      case 'picture':
        return writeTightFullColour(writer, { rect, area, layout }, tools);
    }
  }

  return { encode, [Symbol.dispose]: () => plainScratch[Symbol.dispose]() };
}

/** What works on values of one width. */
interface Workspace {
  readonly planner: Planner;
  readonly palette: Palette;
}

function openWorkspace(options: { readonly hasWholeWords: boolean }): Workspace {
  return { planner: openPlanner(options), palette: new Palette(options) };
}

/** One rect of a job: where it is, its pixels in the framebuffer, and as the values that are sent. */
interface Pixels {
  readonly rect: Rect;
  readonly source: SourcePixels;
  readonly area: PixelArea;
  readonly coding: PixelCoding;
}

interface Output {
  readonly writer: ByteWriter;
  readonly spans: Span[];
  readonly workspace: Workspace;
}

/** An encoded rect's place in the writer, whose memory moves as it grows. */
interface Span extends Omit<EncodedRect, 'bytes'> {
  readonly start: number;
  readonly end: number;
}

function codingOf({ encoding, format }: EncodeJob): PixelCoding {
  switch (encoding) {
    case 'tight':
      return tightCoding(format);
    case 'zrle':
      return zrleCoding(format);
    case 'raw':
      return rawCoding(format);
  }
}

function nativePart({ area, address }: SourcePixels, rect: Rect) {
  const strideBytes = area.stride * 4;
  return {
    address: address + rect.y * strideBytes + rect.x * 4,
    widthPx: rect.width,
    heightPx: rect.height,
    strideBytes,
  };
}
