import type { EncodeMode } from '../encode/encode-job.ts';

/*
 * What pictures may cost on a network that is slow. Latency comes first: at first pictures get coarser, until as many of them fit as make a motion; only when they cannot get coarser, fewer are sent, which
 * the window sees to. RFB has no rects that a client scales up, so the coarsest pictures, whose blocks of 8 × 8 pixels are little more than a colour each, stand in the place of smaller ones.
 */

/** JPEG qualities below what was asked for, each about two thirds of the bytes of the one before. */
const ladder = [60, 42, 29, 15] as const;
const picturesPerSecond = 20; // fewer than this are worse than coarser ones
const stepDownAfterMs = 200;
const stepUpAfterMs = 1000;
const roomToStepUp = 0.5;
const maxVideoBitsPerSecond = 40_000_000;
const videoShare = 0.8; // of the network: the rest is for what else changes, and for pictures that turn out larger
const maxUpdateMs = 120; // that an update may keep a slow network busy; what does not fit goes with the next
const minUpdatePixels = 64 * 1024;
const refreshBesideMs = 12;
const exactBytesPerPixel = 2; // of a photograph, which is what is sent with loss
/** For a viewer that does not say what arrives, and when. */
const unknownVideoBitsPerSecond = 16_000_000;

export class PictureBudget {
  #step = 0;
  #steppedAtMs = -Infinity;
  #bytesPerUpdate = 0;
  #bytesPerPixel = 0.2;

  /** An update of this many bytes for this many pixels left, some of it in pictures or not; `bytesPerMs` is what the network takes. */
  note(update: { readonly bytes: number; readonly pixels: number }, bytesPerMs: number, nowMs: number): void {
    if (update.pixels > 0) this.#bytesPerPixel += (update.bytes / update.pixels - this.#bytesPerPixel) / 4;
    this.#bytesPerUpdate += (update.bytes - this.#bytesPerUpdate) / 4;
    const allowed = (bytesPerMs * 1000) / picturesPerSecond;
    const sinceMs = nowMs - this.#steppedAtMs;
    if (this.#bytesPerUpdate > allowed && this.#step < ladder.length && sinceMs > stepDownAfterMs)
      this.#setStep(1, nowMs);
    else if (this.#bytesPerUpdate < allowed * roomToStepUp && this.#step > 0 && sinceMs > stepUpAfterMs)
      this.#setStep(-1, nowMs);
  }

  /** How pictures go, where `asked` is what the viewer and the configuration want of a network that takes it. */
  modeFor(asked: EncodeMode): EncodeMode {
    const quality = ladder[this.#step - 1];
    if (asked.kind === 'lossless' || quality === undefined) return asked;
    return quality < asked.quality ? { kind: 'lossy', quality, subsampling: '4:2:0' } : asked;
  }

  /** What a video stream may take. */
  videoBitsPerSecond(bytesPerMs: number, hasFences: boolean): number {
    if (!hasFences) return unknownVideoBitsPerSecond;
    return Math.min(maxVideoBitsPerSecond, bytesPerMs * 8000 * videoShare);
  }

  /** How many pixels an update should have at most, as it looks from the ones before; infinite while the network is no limit. */
  maxPixels(bytesPerMs: number): number {
    return Math.max(minUpdatePixels, (bytesPerMs * maxUpdateMs) / Math.max(0.01, this.#bytesPerPixel));
  }

  /** How many pixels may be made exact in one update. What moves comes first: beside it there is room for few. Infinite while the network is no limit. */
  refreshPixels(bytesPerMs: number, isAlone: boolean): number {
    return (bytesPerMs * (isAlone ? maxUpdateMs : refreshBesideMs)) / exactBytesPerPixel;
  }

  #setStep(by: 1 | -1, nowMs: number): void {
    this.#step += by;
    this.#steppedAtMs = nowMs;
  }
}
