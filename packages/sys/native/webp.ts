import { CodedError } from '@bhatti/base/errors.ts';
import { lazyLibrary } from './library.ts';
import { allocateNative, type NativeMemory, viewNative } from './memory.ts';
import type { NativePixels } from './turbojpeg.ts';

// libwebp 1.2 (webp/encode.h), Debian's libwebp7. The advanced interface, since the simple one compresses at effort 4, ten times slower than this.
const webp = lazyLibrary(['libwebp.so.7'], {
  WebPConfigInitInternal: { args: ['u64', 'i32', 'f32', 'i32'], returns: 'i32' },
  WebPPictureInitInternal: { args: ['u64', 'i32'], returns: 'i32' },
  WebPPictureImportBGRX: { args: ['u64', 'u64', 'i32'], returns: 'i32' },
  WebPEncode: { args: ['u64', 'u64'], returns: 'i32' },
  WebPPictureFree: { args: ['u64'], returns: 'void' },
  WebPMemoryWriterInit: { args: ['u64'], returns: 'void' },
  WebPMemoryWriterClear: { args: ['u64'], returns: 'void' },
});

// To hand WebPMemoryWrite itself to the encoder its address is needed, which dlopen of bun:ffi does not tell.
const loader = lazyLibrary(['libc.so.6'], {
  dlopen: { args: ['cstring', 'i32'], returns: 'u64' },
  dlsym: { args: ['u64', 'cstring'], returns: 'u64' },
});

const WEBP_ENCODER_ABI_VERSION = 0x020f; // the upper byte is what libwebp compares
const WEBP_PRESET_DEFAULT = 0;
const RTLD_NOW = 2;
const maxSidePx = 16383; // WEBP_MAX_DIMENSION

// WebPConfig: lossless, quality, method, …; WebPPicture and WebPMemoryWriter as the header declares them, with 64-bit pointers.
const configBytes = 116;
const configMethod = 8;
const pictureBytes = 256;
const pictureWidth = 8;
const pictureHeight = 12;
const pictureWriter = 96;
const pictureCustom = 104;
const pictureError = 136;
const writerBytes = 32;
const writerMemory = 0;
const writerSize = 8;

/** A whole lossy WebP file; `quality` is 1 to 100. The result is the caller's. */
export function compressWebp(pixels: NativePixels, quality: number): Uint8Array<ArrayBuffer> {
  const { widthPx, heightPx } = pixels;
  if (widthPx > maxSidePx || heightPx > maxSidePx) throw failure(pixels, `a side is above ${maxSidePx} pixels`);
  using config = allocateNative(configBytes);
  using picture = allocateNative(pictureBytes);
  using writer = allocateNative(writerBytes);
  const library = webp();
  if (
    library.WebPConfigInitInternal(config.address, WEBP_PRESET_DEFAULT, quality, WEBP_ENCODER_ABI_VERSION) === 0 ||
    library.WebPPictureInitInternal(picture.address, WEBP_ENCODER_ABI_VERSION) === 0
  ) {
    throw failure(pixels, 'libwebp has another interface');
  }
  // Effort 0 of 0 to 6: a screenshot is waited for.
  viewOf(config).setInt32(configMethod, 0, true);
  library.WebPMemoryWriterInit(writer.address);
  const view = viewOf(picture);
  view.setInt32(pictureWidth, widthPx, true);
  view.setInt32(pictureHeight, heightPx, true);
  view.setBigUint64(pictureWriter, memoryWriteAddress(), true);
  view.setBigUint64(pictureCustom, BigInt(writer.address), true);
  try {
    const isDone =
      library.WebPPictureImportBGRX(picture.address, pixels.address, pixels.strideBytes) !== 0 &&
      library.WebPEncode(config.address, picture.address) !== 0;
    if (!isDone) throw failure(pixels, `libwebp error ${view.getInt32(pictureError, true)}`);
    const memory = Number(viewOf(writer).getBigUint64(writerMemory, true));
    const size = Number(viewOf(writer).getBigUint64(writerSize, true));
    return new Uint8Array(viewNative(memory, size).slice(0));
  } finally {
    library.WebPPictureFree(picture.address);
    library.WebPMemoryWriterClear(writer.address);
  }
}

let memoryWrite: bigint | undefined;

function memoryWriteAddress(): bigint {
  if (memoryWrite !== undefined) return memoryWrite;
  const handle = loader().dlopen(Buffer.from('libwebp.so.7\0'), RTLD_NOW);
  memoryWrite = loader().dlsym(handle, Buffer.from('WebPMemoryWrite\0'));
  return memoryWrite;
}

function viewOf(memory: NativeMemory): DataView {
  return new DataView(memory.bytes.buffer);
}

function failure(pixels: NativePixels, why: string): CodedError<'INVALID_ARGUMENT'> {
  const { widthPx, heightPx } = pixels;
  return new CodedError('INVALID_ARGUMENT', `cannot compress ${widthPx} × ${heightPx} pixels as WebP: ${why}`, {
    argument: 'webp',
  });
}
