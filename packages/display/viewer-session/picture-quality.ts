import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import type { EncodeMode, Subsampling } from '../encode/encode-job.ts';
import type { ViewerAbilities } from './abilities.ts';

/** KasmVNC's levels 0 to 9 as JPEG qualities; colours are halved in both directions up to level 2, and in one up to level 5. */
const jpegQualities = [15, 29, 41, 42, 62, 77, 79, 86, 92, 100];

/** How pictures go to a viewer: with loss where it asked for a quality, within the bounds of the configuration. */
export function encodeModeOf(
  abilities: ViewerAbilities,
  format: PixelFormat,
  bounds: { readonly minQuality: number; readonly maxQuality: number },
): EncodeMode {
  // JPEG in Tight needs more than 8 bits a pixel (community document, "Tight Encoding"). With 16, libvncclient takes it into a buffer of 300 KB, whatever the rect's size, and what needs fewer bits is small anyway.
  const { qualityLevel } = abilities;
  if (qualityLevel === undefined || abilities.encoding !== 'tight' || format.bitsPerPixel !== 32) {
    return { kind: 'lossless' };
  }
  const level = Math.max(bounds.minQuality, Math.min(bounds.maxQuality, qualityLevel));
  return { kind: 'lossy', quality: jpegQualities[level] ?? 86, subsampling: subsamplingOf(level) };
}

function subsamplingOf(level: number): Subsampling {
  if (level <= 2) return '4:2:0';
  return level <= 5 ? '4:2:2' : '4:4:4';
}
