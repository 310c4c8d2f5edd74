import { CodedError } from '@bhatti/base/errors.ts';
import { type H264Encoder, openH264Encoder } from '@bhatti/sys/native/openh264.ts';
import type { VideoJob, VideoPicture } from './encode-job.ts';
import type { SegmentPixels } from './segment-pixels.ts';

/** The video streams that one thread encodes. */
export interface VideoEncoders extends Disposable {
  /** Throws TOOL_MISSING when OpenH264 or libyuv is not installed. */
  encode(job: VideoJob): VideoPicture;
  end(streamId: number): void;
}

const nominalRate = 60; // rates are told for this many pictures a second, whatever comes
// What is gained below is not seen in motion, and what rests is sent exactly. Above, there would be more noise than picture.
const quantisers = { minQuantiser: 20, maxQuantiser: 46 };
const rateStep = 1.15; // smaller changes of the rate are not worth telling

interface Stream {
  readonly encoder: H264Encoder;
  bitsPerSecond: number;
}

export function openVideoEncoders(segments: SegmentPixels): VideoEncoders {
  const streams = new Map<number, Stream>();

  function streamOf({ streamId, rect, bytesPerPicture }: VideoJob): Stream {
    const bitsPerSecond = Math.round(bytesPerPicture * 8 * nominalRate);
    const known = streams.get(streamId);
    if (known !== undefined) {
      const ratio = bitsPerSecond / known.bitsPerSecond;
      if (ratio > rateStep || ratio < 1 / rateStep) {
        known.encoder.setBitrate(bitsPerSecond);
        known.bitsPerSecond = bitsPerSecond;
      }
      return known;
    }
    const encoder = openOrSay(() =>
      // Its tools for screens are 2 to 3 times as slow, and what they are good at, scrolling text, is copied or exact here.
      openH264Encoder({
        widthPx: rect.width,
        heightPx: rect.height,
        bitsPerSecond,
        framesPerSecond: nominalRate,
        content: 'camera',
        ...quantisers,
      }),
    );
    const stream = { encoder, bitsPerSecond };
    streams.set(streamId, stream);
    return stream;
  }

  function end(streamId: number): void {
    streams.get(streamId)?.encoder[Symbol.dispose]();
    streams.delete(streamId);
  }

  return {
    encode(job) {
      const { framebuffer, rect } = job;
      const { encoder } = streamOf(job);
      const { address, area } = segments.read(framebuffer, rect);
      const pixels = { address, widthPx: rect.width, heightPx: rect.height, strideBytes: area.stride * 4 };
      const picture = encoder.encode(pixels, { isKey: job.isKey, atMs: performance.now() });
      return { bytes: picture?.bytes, isKey: picture?.isKey ?? false };
    },
    end,
    [Symbol.dispose]() {
      for (const id of streams.keys()) end(id);
    },
  };
}

function openOrSay(open: () => H264Encoder): H264Encoder {
  try {
    return open();
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError(
      'TOOL_MISSING',
      'cannot encode video: libopenh264.so.7 or libyuv.so.0 is not installed',
      {
        tool: 'libopenh264.so.7',
      },
      { cause: error },
    );
  }
}
