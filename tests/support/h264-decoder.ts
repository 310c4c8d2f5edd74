// OpenH264's own decoder (wels/codec_api.h) and libyuv, as a client would use them.
import { violation } from '@bhatti/rfb/violation.ts';
import type { H264Decoder } from '@bhatti/rfb/decode/h264.ts';
import { lazyLibrary } from '@bhatti/sys/native/library.ts';
import { allocateNative, viewNative } from '@bhatti/sys/native/memory.ts';
import { CFunction } from 'bun:ffi';

const wels = lazyLibrary(['libopenh264.so.7'], {
  WelsCreateDecoder: { args: ['u64'], returns: 'i64' },
  WelsDestroyDecoder: { args: ['u64'], returns: 'void' },
});
const yuv = lazyLibrary(['libyuv.so.0'], {
  J420ToARGB: { args: ['u64', 'i32', 'u64', 'i32', 'u64', 'i32', 'ptr', 'i32', 'i32', 'i32'], returns: 'i32' },
});

const bufferInfoBytes = 72; // SBufferInfo
const decodingParamBytes = 32; // SDecodingParam

export function openOpenH264Decoder(): H264Decoder {
  const { WelsCreateDecoder, WelsDestroyDecoder } = wels();
  const memory = allocateNative(8 + 24 + bufferInfoBytes + decodingParamBytes);
  const view = new DataView(memory.bytes.buffer);
  const [planesAt, infoAt, paramAt] = [8, 32, 32 + bufferInfoBytes].map((at) => memory.address + at);
  if (WelsCreateDecoder(memory.address) !== 0n) throw new Error('WelsCreateDecoder failed');
  const decoder = Number(view.getBigUint64(0, true));
  const table = new BigUint64Array(viewNative(Number(new BigUint64Array(viewNative(decoder, 8))[0]), 9 * 8));
  // SAFETY: pointers are a brand of bun:ffi; these are the addresses of the object's functions.
  const at = (index: number) => Number(table[index]) as unknown as Parameters<typeof CFunction>[0]['ptr'];
  const initialize = CFunction({ ptr: at(0), args: ['u64', 'u64'], returns: 'i64' });
  const uninitialize = CFunction({ ptr: at(1), args: ['u64'], returns: 'i64' });
  const decodeFrame = CFunction({ ptr: at(3), args: ['u64', 'ptr', 'i32', 'u64', 'u64'], returns: 'i32' });
  const setOption = CFunction({ ptr: at(8), args: ['u64', 'i32', 'ptr'], returns: 'i64' });
  setOption(decoder, 9, new Int32Array([0])); // DECODER_OPTION_TRACE_LEVEL: say nothing
  if (initialize(decoder, paramAt) !== 0n) throw new Error('the decoder refuses its parameters');

  return {
    decode(bytes) {
      let shown: ReturnType<H264Decoder['decode']>;
      for (const unit of unitsOf(bytes)) {
        if (decodeFrame(decoder, unit, unit.length, planesAt, infoAt) !== 0) throw violation('H.264: broken stream');
        if (view.getInt32(32, true) !== 1) continue;
        const [width, height] = [view.getInt32(32 + 24, true), view.getInt32(32 + 28, true)];
        const [strideY, strideUv] = [view.getInt32(32 + 36, true), view.getInt32(32 + 40, true)];
        const [y, u, v] = [0, 1, 2].map((i) => Number(view.getBigUint64(8 + i * 8, true)));
        const words = new Int32Array(width * height);
        yuv().J420ToARGB(y ?? 0, strideY, u ?? 0, strideUv, v ?? 0, strideUv, words, width * 4, width, height);
        for (let i = 0; i < words.length; i++) words[i] = (words[i] ?? 0) & 0xff_ffff;
        shown = { width, height, words };
      }
      return shown;
    },
    [Symbol.dispose]() {
      uninitialize(decoder);
      WelsDestroyDecoder(decoder);
      memory.free();
    },
  };
}

/** Cuts before each start code, after pictures: parameter sets stay with the picture that follows. */
function unitsOf(bytes: Uint8Array): Uint8Array[] {
  const pictures: Uint8Array[] = [];
  let start = 0;
  let hasPicture = false;
  for (let i = 0; i + 4 < bytes.length; i++) {
    const isStart = bytes[i] === 0 && bytes[i + 1] === 0 && bytes[i + 2] === 0 && bytes[i + 3] === 1;
    if (!isStart) continue;
    if (hasPicture) {
      pictures.push(bytes.subarray(start, i));
      start = i;
    }
    const type = (bytes[i + 4] ?? 0) & 0x1f;
    hasPicture = type === 1 || type === 5;
  }
  pictures.push(bytes.subarray(start));
  return pictures;
}
