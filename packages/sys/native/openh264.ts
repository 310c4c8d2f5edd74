import { CFunction } from 'bun:ffi';
import { CodedError } from '@bhatti/base/errors.ts';
import { lazyLibrary } from './library.ts';
import { allocateYuvPlanes } from './libyuv.ts';
import { allocateNative, viewNative } from './memory.ts';
import type { NativePixels } from './turbojpeg.ts';

/*
 * OpenH264 2.3 (wels/codec_api.h), Debian's libopenh264-7. An encoder is an object of C++, which the header declares for C as a pointer to a table of functions: they are called by their places in it. The
 * structures below are those of 64-bit machines, x86 and Arm alike; every field that is not set keeps what GetDefaultParams put there.
 */
const wels = lazyLibrary(['libopenh264.so.7'], {
  WelsCreateSVCEncoder: { args: ['u64'], returns: 'i32' },
  WelsDestroySVCEncoder: { args: ['u64'], returns: 'void' },
});

const method = {
  initializeExt: 1,
  getDefaultParams: 2,
  uninitialize: 3,
  encodeFrame: 4,
  forceIntraFrame: 6,
  setOption: 7,
};
const option = { bitrate: 5, maxBitrate: 6, traceLevel: 25 };

/** Offsets in SEncParamExt. */
const param = {
  usageType: 0,
  width: 4,
  height: 8,
  targetBitrate: 12,
  rateControl: 16,
  maxFrameRate: 20,
  temporalLayers: 24,
  spatialLayers: 28,
  layer: 32,
  complexity: 832,
  intraPeriod: 836,
  spsPpsIdStrategy: 844,
  entropyCoding: 856,
  frameSkip: 860,
  maxBitrate: 864,
  maxQp: 868,
  minQp: 872,
  threads: 892,
  denoise: 908,
  backgroundDetection: 909,
  adaptiveQuant: 910,
  sceneChangeDetect: 912,
  bytes: 920,
} as const;

/** Offsets in SSpatialLayerConfig. */
const layer = {
  width: 0,
  height: 4,
  frameRate: 8,
  bitrate: 12,
  maxBitrate: 16,
  profile: 20,
  sliceMode: 32,
  hasSignalType: 184,
  videoFormat: 185,
  isFullRange: 186,
  hasColours: 187,
  primaries: 188,
  transfer: 189,
  matrix: 190,
} as const;

const frameInfo = { layerCount: 0, layers: 8, layerBytes: 40, frameType: 5128, bytes: 5144 } as const;
const layerInfo = { nalCount: 16, nalLengths: 24, data: 32 } as const;
const sourcePicture = { format: 0, strides: 4, planes: 24, width: 56, height: 60, timestamp: 64, bytes: 72 } as const;

const rateControlBitrate = 1;
const baselineProfile = 66;
const videoFormatI420 = 23;
const frameTypeIdr = 1;
const frameTypeSkip = 4;
/** H.264 Annex E: unspecified video format; primaries and matrix of SMPTE 170M (BT.601), and the transfer of sRGB, as screens have it. */
const signal = { videoFormat: 5, primaries: 6, transfer: 13, matrix: 6 };

export interface H264EncoderOptions {
  /** Both even, at least 16. */
  readonly widthPx: number;
  readonly heightPx: number;
  readonly bitsPerSecond: number;
  readonly framesPerSecond: number;
  /** What the encoder's tools are chosen for. */
  readonly content: 'screen' | 'camera';
  /** The best quality that is worth its bytes: H.264's quantiser, 0 to 51, lower is better. */
  readonly minQuantiser: number;
  readonly maxQuantiser: number;
}

/** One coded picture: an access unit in Annex B form, a key picture with its parameter sets. */
export interface H264Picture {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isKey: boolean;
}

/** Encodes one stream of pictures, each of which needs those before it back to the last key picture. */
export interface H264Encoder extends Disposable {
  /** `pixels` have the stream's size. Undefined when the encoder left the picture out. */
  encode(pixels: NativePixels, options: { readonly isKey: boolean; readonly atMs: number }): H264Picture | undefined;
  setBitrate(bitsPerSecond: number): void;
}

/** Throws when a library is not installed, and INVALID_ARGUMENT for a size that the encoder refuses. One thread uses one encoder. */
export function openH264Encoder(options: H264EncoderOptions): H264Encoder {
  const { widthPx, heightPx } = options;
  const { WelsCreateSVCEncoder, WelsDestroySVCEncoder } = wels();
  const planes = allocateYuvPlanes(widthPx, heightPx);
  const memory = allocateNative(8 + 8 + frameInfo.bytes + sourcePicture.bytes);
  const [pointerAt, optionAt] = [memory.address, memory.address + 8];
  const infoAt = memory.address + 16;
  const sourceAt = infoAt + frameInfo.bytes;
  const view = new DataView(memory.bytes.buffer);
  const release = () => {
    memory.free();
    planes[Symbol.dispose]();
  };
  if (WelsCreateSVCEncoder(pointerAt) !== 0) {
    release();
    throw new RangeError('WelsCreateSVCEncoder failed');
  }
  const encoder = Number(view.getBigUint64(0, true));
  const call = methodsOf(encoder);
  call.setOption(encoder, option.traceLevel, setI32(view, 8, 0, optionAt));
  if (!initialize(call, encoder, options)) {
    WelsDestroySVCEncoder(encoder);
    release();
    throw new CodedError('INVALID_ARGUMENT', `cannot encode ${widthPx} × ${heightPx} pixels as H.264`, {
      argument: 'widthPx',
    });
  }
  writeSource(new DataView(memory.bytes.buffer, 16 + frameInfo.bytes), planes);

  return {
    encode(pixels, { isKey, atMs }) {
      planes.fill(pixels);
      if (isKey) call.forceIntraFrame(encoder, true);
      view.setBigInt64(16 + frameInfo.bytes + sourcePicture.timestamp, BigInt(Math.round(atMs)), true);
      if (call.encodeFrame(encoder, sourceAt, infoAt) !== 0) throw new RangeError('OpenH264 cannot encode a picture');
      const type = view.getInt32(16 + frameInfo.frameType, true);
      if (type === 0 || type === frameTypeSkip) return undefined;
      return { bytes: collect(new DataView(memory.bytes.buffer, 16)), isKey: type === frameTypeIdr };
    },
    setBitrate(bitsPerSecond) {
      // SBitrateInfo: for which layer, and how much. The maximum first where it grows, last where it shrinks: it must never be below the target.
      for (const which of [option.maxBitrate, option.bitrate, option.maxBitrate]) {
        view.setInt32(8, allLayers, true);
        call.setOption(encoder, which, setI32(view, 12, bitsPerSecond, optionAt));
      }
    },
    [Symbol.dispose]() {
      call.uninitialize(encoder);
      WelsDestroySVCEncoder(encoder);
      release();
    },
  };
}

const allLayers = 4;

type Methods = ReturnType<typeof methodsOf>;

function methodsOf(object: number) {
  const table = new BigUint64Array(viewNative(Number(new BigUint64Array(viewNative(object, 8))[0]), 9 * 8));
  const at = (index: number) => {
    // SAFETY: the type of pointers is a brand of bun:ffi; these are the addresses of functions of an open library, which is never closed.
    return Number(table[index]) as unknown as Parameters<typeof CFunction>[0]['ptr'];
  };
  return {
    initializeExt: CFunction({ ptr: at(method.initializeExt), args: ['u64', 'u64'], returns: 'i32' }),
    getDefaultParams: CFunction({ ptr: at(method.getDefaultParams), args: ['u64', 'u64'], returns: 'i32' }),
    uninitialize: CFunction({ ptr: at(method.uninitialize), args: ['u64'], returns: 'i32' }),
    encodeFrame: CFunction({ ptr: at(method.encodeFrame), args: ['u64', 'u64', 'u64'], returns: 'i32' }),
    forceIntraFrame: CFunction({ ptr: at(method.forceIntraFrame), args: ['u64', 'bool', 'i32'], returns: 'i32' }),
    setOption: CFunction({ ptr: at(method.setOption), args: ['u64', 'i32', 'u64'], returns: 'i32' }),
  };
}

function initialize(call: Methods, encoder: number, options: H264EncoderOptions): boolean {
  using memory = allocateNative(param.bytes);
  const view = new DataView(memory.bytes.buffer);
  const int = (at: number, value: number) => view.setInt32(at, value, true);
  const byte = (at: number, value: number) => view.setUint8(at, value);
  call.getDefaultParams(encoder, memory.address);
  int(param.usageType, options.content === 'screen' ? 1 : 0);
  int(param.width, options.widthPx);
  int(param.height, options.heightPx);
  int(param.targetBitrate, options.bitsPerSecond);
  int(param.maxBitrate, options.bitsPerSecond);
  int(param.rateControl, rateControlBitrate);
  view.setFloat32(param.maxFrameRate, options.framesPerSecond, true);
  int(param.temporalLayers, 1);
  int(param.spatialLayers, 1);
  int(param.complexity, 0);
  // Key pictures only when somebody needs one.
  int(param.intraPeriod, 0);
  int(param.spsPpsIdStrategy, 0);
  int(param.entropyCoding, 0);
  byte(param.frameSkip, 0);
  int(param.minQp, options.minQuantiser);
  int(param.maxQp, options.maxQuantiser);
  view.setUint16(param.threads, 1, true);
  for (const tool of [param.denoise, param.backgroundDetection, param.adaptiveQuant, param.sceneChangeDetect])
    byte(tool, 0);
  int(param.layer + layer.width, options.widthPx);
  int(param.layer + layer.height, options.heightPx);
  view.setFloat32(param.layer + layer.frameRate, options.framesPerSecond, true);
  int(param.layer + layer.bitrate, options.bitsPerSecond);
  int(param.layer + layer.maxBitrate, options.bitsPerSecond);
  int(param.layer + layer.profile, baselineProfile);
  int(param.layer + layer.sliceMode, 0);
  byte(param.layer + layer.hasSignalType, 1);
  byte(param.layer + layer.videoFormat, signal.videoFormat);
  byte(param.layer + layer.isFullRange, 1);
  byte(param.layer + layer.hasColours, 1);
  byte(param.layer + layer.primaries, signal.primaries);
  byte(param.layer + layer.transfer, signal.transfer);
  byte(param.layer + layer.matrix, signal.matrix);
  return call.initializeExt(encoder, memory.address) === 0;
}

function writeSource(view: DataView, planes: ReturnType<typeof allocateYuvPlanes>): void {
  view.setInt32(sourcePicture.format, videoFormatI420, true);
  planes.strides.forEach((stride, i) => view.setInt32(sourcePicture.strides + i * 4, stride, true));
  planes.addresses.forEach((address, i) => view.setBigUint64(sourcePicture.planes + i * 8, BigInt(address), true));
  view.setInt32(sourcePicture.width, planes.widthPx, true);
  view.setInt32(sourcePicture.height, planes.heightPx, true);
}

/** The picture's units from the encoder's memory, as an array of their own. */
function collect(info: DataView): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < info.getInt32(frameInfo.layerCount, true); i++) {
    const at = frameInfo.layers + i * frameInfo.layerBytes;
    const count = info.getInt32(at + layerInfo.nalCount, true);
    const lengths = new Int32Array(viewNative(Number(info.getBigUint64(at + layerInfo.nalLengths, true)), count * 4));
    const size = lengths.reduce((sum, length) => sum + length, 0);
    parts.push(new Uint8Array(viewNative(Number(info.getBigUint64(at + layerInfo.data, true)), size)));
  }
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

function setI32(view: DataView, at: number, value: number, address: number): number {
  view.setInt32(at, value, true);
  return address;
}
