// What the encode pool and its workers say to each other: the only types that both see.
import type { ErrorCode, ErrorDetails } from '@bhatti/base/errors.ts';
import type { CursorShape } from '@bhatti/rfb/cursor.ts';
import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import type { Rect } from '@bhatti/rfb/rect.ts';
import type { PictureLabel } from './label-overlay.ts';

/** A shared segment, as the pool and its workers attach it. */
export interface SegmentRef {
  readonly id: number;
  readonly bytes: number;
}

/** Pixels in a shared segment. Nothing may write to them until every job that names them has ended. */
export interface FramebufferRef {
  readonly segmentId: number;
  readonly offsetBytes: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly strideBytes: number;
  /** `bgrx8888` (X at depth 24) or `rgb565` (X at depth 16). */
  readonly format: PixelFormat;
}

export type Subsampling = '4:4:4' | '4:2:2' | '4:2:0';

/** How exact: lossless decodes to exactly the source's pixels (in the viewer's pixel format); lossy may send pictures as JPEG. */
export type EncodeMode =
  | { readonly kind: 'lossless' }
  | { readonly kind: 'lossy'; readonly quality: number; readonly subsampling: Subsampling };

export interface EncodeJob {
  readonly framebuffer: FramebufferRef;
  /** Do not overlap; clipped to the framebuffer. */
  readonly rects: readonly Rect[];
  readonly encoding: 'tight' | 'zrle' | 'raw';
  /** Counts for Tight only; the others are lossless. */
  readonly mode: EncodeMode;
  /** What the viewers asked for by SetPixelFormat. */
  readonly format: PixelFormat;
}

/** One rect of an update, whole: `bytes` are its header and its body. */
export interface EncodedRect {
  readonly rect: Rect;
  readonly encoding: number;
  /** Not the exact pixels: a lossless refresh is due when the area rests. */
  readonly isLossy: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The next picture of a video stream. */
export interface VideoJob {
  readonly framebuffer: FramebufferRef;
  /** Where the video is: the same for all pictures of a stream, within the framebuffer, both sides even. */
  readonly rect: Rect;
  readonly streamId: number;
  /** It must be decodable without those before it. The first picture of a stream is so anyway. */
  readonly isKey: boolean;
  /** What a picture may take on average. */
  readonly bytesPerPicture: number;
}

/** `bytes` are an H.264 access unit in Annex B form; undefined when the encoder left the picture out. */
export interface VideoPicture {
  readonly bytes: Uint8Array<ArrayBuffer> | undefined;
  readonly isKey: boolean;
}

/** A picture file of the framebuffer or a part of it. */
export interface PictureJob {
  readonly framebuffer: FramebufferRef;
  readonly format: 'png' | 'jpeg' | 'webp';
  /** 1 to 100, for jpeg and webp; png is exact. */
  readonly quality: number;
  /** The part that is wanted; all without it. */
  readonly rect?: Rect;
  /** Size of the picture, each side at least 1 and not above the part's; the part's own size without it. */
  readonly size?: { readonly widthPx: number; readonly heightPx: number };
  /** Drawn on top, `x` and `y` being where its hot spot is. */
  readonly cursor?: { readonly x: number; readonly y: number; readonly shape: CursorShape };
  /** Drawn on top, in pixels of the framebuffer, before the picture is made smaller. */
  readonly labels?: readonly PictureLabel[];
}

export type WorkerRequest =
  | { readonly kind: 'attach'; readonly segment: SegmentRef }
  | { readonly kind: 'detach'; readonly segmentId: number }
  | { readonly kind: 'encode'; readonly sequence: number; readonly job: EncodeJob }
  | { readonly kind: 'picture'; readonly sequence: number; readonly job: PictureJob }
  | { readonly kind: 'video'; readonly sequence: number; readonly job: VideoJob }
  /** No more pictures of this stream are wanted. */
  | { readonly kind: 'endVideo'; readonly streamId: number }
  /** Unmap, free, end. */
  | { readonly kind: 'close' };

export type WorkerReply =
  | { readonly kind: 'encoded'; readonly sequence: number; readonly rects: readonly EncodedRect[] }
  | { readonly kind: 'picture'; readonly sequence: number; readonly bytes: Uint8Array }
  | { readonly kind: 'video'; readonly sequence: number; readonly picture: VideoPicture }
  | { readonly kind: 'failed'; readonly sequence: number; readonly error: JobError };

/** A CodedError on its way between threads. */
export interface JobError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails[ErrorCode];
}
