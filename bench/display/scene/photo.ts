// Photographs of Debian's mate-backgrounds: what cameras see, unlike noise or gradients, is what video and picture codecs are made for.
import { join } from 'node:path';
import { mustRunForBytes } from '../run-program.ts';
import type { Pixels } from '../figure/ssim.ts';

const folder = '/usr/share/backgrounds/mate/nature';

/** A photograph, scaled and cut to this size. */
export async function readPhoto(name: string, width: number, height: number): Promise<Pixels> {
  const size = `${width}x${height}`;
  const cut = ['-resize', `${size}^`, '-gravity', 'center', '-extent', size];
  const rgb = await mustRunForBytes('convert', join(folder, name), ...cut, '-depth', '8', 'rgb:-');
  const words = new Int32Array(width * height);
  for (let i = 0; i < words.length; i++)
    words[i] = ((rgb[i * 3] ?? 0) << 16) | ((rgb[i * 3 + 1] ?? 0) << 8) | (rgb[i * 3 + 2] ?? 0);
  return { width, height, words };
}
