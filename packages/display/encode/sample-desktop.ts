import type { PixelArea } from '@bhatti/rfb/encode/pixel-area.ts';

/**
 * A picture with the parts of a desktop, for tests and benches: a plain wallpaper, a window of antialiased text, another of coloured text on black, and a
 * photograph of noise on gradients. The unused byte of each word holds rubbish, as it may in a framebuffer.
 */
export function sampleDesktop(width: number, height: number): PixelArea {
  const words = new Int32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) words[y * width + x] = pixelAt(x / width, y / height, x, y) | (0x55 << 24);
  }
  return { words, offset: 0, stride: width, width, height };
}

function pixelAt(left: number, top: number, x: number, y: number): number {
  if (left > 0.05 && left < 0.45 && top > 0.1 && top < 0.8) return textPixel(x, y, 0xffffff, 0x202020);
  if (left > 0.4 && left < 0.7 && top > 0.5 && top < 0.95) return textPixel(x, y, 0x000000, 0x40e060);
  if (left > 0.72 && left < 0.97 && top > 0.1 && top < 0.6) return photoPixel(x, y);
  return 0x173050;
}

// Rows of 16 pixels, of which 10 hold letters: strokes at random places with a shade to each side.
function textPixel(x: number, y: number, paper: number, ink: number): number {
  const row = y % 16;
  if (row < 3 || row > 12) return paper;
  const stroke = hash((x >> 2) * 31 + (y >> 4) * 7919 + (row >> 2)) % 5;
  if (stroke > 1) return paper;
  const share = x % 4 === 1 ? 1 : x % 4 === 2 ? 0.5 : (hash(x * 17 + (y >> 4)) % 16) / 32;
  return mix(paper, ink, share);
}

function photoPixel(x: number, y: number): number {
  const noise = hash(x * 7919 + y) % 6;
  const red = 120 + Math.round(60 * Math.sin(x / 70)) + noise;
  const green = 100 + Math.round(50 * Math.sin(y / 50)) + noise;
  const blue = 90 + Math.round(40 * Math.sin((x + y) / 90)) + noise;
  return (red << 16) | (green << 8) | blue;
}

function mix(from: number, to: number, share: number): number {
  let mixed = 0;
  for (const shift of [16, 8, 0]) {
    const below = (from >> shift) & 0xff;
    mixed |= Math.round(below + (((to >> shift) & 0xff) - below) * share) << shift;
  }
  return mixed;
}

function hash(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
