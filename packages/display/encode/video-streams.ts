/**
 * Video for several viewers. A stream is encoded once for all who take part in it: it keeps its last pictures, and a viewer that comes later than the others gets those that it missed together with the new
 * one. Who joins, or has missed more than is kept, makes the next picture a key picture. Viewers whose networks differ too much are not in one stream: the slowest one sets a stream's rate.
 */
import { hasCode } from '@bhatti/base/errors.ts';
import { encodeH264Rect } from '@bhatti/rfb/encode/h264.ts';
import { Encoding } from '@bhatti/rfb/numbers.ts';
import type { VideoArea } from './choose.ts';
import type { EncodedRect, FramebufferRef, VideoPicture } from './encode-job.ts';
import type { EncodePool } from './pool.ts';

const maxKeptPictures = 16;
const maxKeptBytes = 512 * 1024;
const stalledAfterMs = 2000;
const worthKeyPictures = 3; // as long as a way is at most this many times the key picture, it is taken
const maxStreamsPerArea = 3;
const joinsBelow = 2; // a stream of at most this many times the rate that a viewer wants
const leavesAbove = 4; // a viewer that wants this many times its stream's rate

/** A frame to take a picture of. */
export interface VideoFrame {
  readonly serial: number;
  readonly framebuffer: FramebufferRef;
}

interface KeptPicture extends VideoPicture {
  readonly index: number;
  readonly serial: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** One viewer's part in the streams. */
export interface VideoSeat {
  /** The rect that shows an area as it is in the frame, or in a newer one. Undefined where no video can be had: then the area is still to be sent, and is no video. */
  show(area: VideoArea, frame: VideoFrame, bitsPerSecond: number): Promise<EncodedRect | undefined>;
  /** What was shown last did not reach the viewer. */
  lose(): void;
  /** These areas are still video; streams of others are left. */
  keep(areas: readonly VideoArea[]): void;
}

interface Place {
  readonly stream: VideoStream;
  /** Of the last picture that was handed out. */
  index: number | undefined;
}

export class VideoStreams {
  readonly #pool: Pick<EncodePool, 'video' | 'endVideo'>;
  readonly #streams = new Set<VideoStream>();
  readonly #onSlow: () => void;
  #nextId = 1;
  #isMissing = false;

  /** `onSlow` is called when pictures take longer than a film leaves time for. */
  constructor(pool: Pick<EncodePool, 'video' | 'endVideo'>, onSlow: () => void) {
    this.#pool = pool;
    this.#onSlow = onSlow;
  }

  /** A library is missing: there is no video. */
  get isMissing(): boolean {
    return this.#isMissing;
  }

  openSeat(): VideoSeat {
    const places = new Map<number, Place>();
    const leave = (areaId: number) => {
      const place = places.get(areaId);
      places.delete(areaId);
      if (place !== undefined) this.#leave(place.stream, places);
    };
    return {
      show: async (area, frame, bitsPerSecond) => {
        let place = places.get(area.id);
        if (place !== undefined && bitsPerSecond > place.stream.bitsPerSecond * leavesAbove) {
          leave(area.id);
          place = undefined;
        }
        if (place === undefined) {
          place = { stream: this.#streamFor(area, bitsPerSecond), index: undefined };
          places.set(area.id, place);
        }
        place.stream.wishes.set(places, { bitsPerSecond, atMs: performance.now() });
        return this.#show(place, area, frame);
      },
      lose() {
        for (const place of places.values()) place.index = undefined;
      },
      keep(areas) {
        for (const id of places.keys()) if (!areas.some((area) => area.id === id)) leave(id);
      },
    };
  }

  async #show(place: Place, { rect }: VideoArea, frame: VideoFrame): Promise<EncodedRect | undefined> {
    const isFirst = place.index === undefined;
    const pictures = await this.#take(place, frame);
    if (pictures === undefined) return undefined;
    const bytes = encodeH264Rect(rect, pictures, { isReset: isFirst });
    return { rect, encoding: Encoding.h264, isLossy: true, bytes };
  }

  async #take(place: Place, frame: VideoFrame): Promise<Uint8Array[] | undefined> {
    try {
      const pictures = await place.stream.take(place.index, frame);
      place.index = pictures.at(-1)?.index ?? place.index;
      return pictures.map(({ bytes }) => bytes);
    } catch (error) {
      if (!hasCode(error, 'TOOL_MISSING')) throw error;
      if (!this.#isMissing) console.error(`warning: ${error.message}; pictures are sent as JPEG`);
      this.#isMissing = true;
      return undefined;
    }
  }

  #streamFor(area: VideoArea, bitsPerSecond: number): VideoStream {
    const ofArea = [...this.#streams].filter((stream) => stream.area.id === area.id);
    const near = (stream: VideoStream) =>
      bitsPerSecond <= stream.bitsPerSecond * leavesAbove && stream.bitsPerSecond <= bitsPerSecond * joinsBelow;
    const found = ofArea.find(near) ?? (ofArea.length >= maxStreamsPerArea ? ofArea.at(-1) : undefined);
    if (found !== undefined) return found;
    const stream = new VideoStream({ id: this.#nextId++, area, pool: this.#pool, onSlow: this.#onSlow });
    this.#streams.add(stream);
    return stream;
  }

  #leave(stream: VideoStream, member: object): void {
    stream.wishes.delete(member);
    if (stream.wishes.size > 0) return;
    this.#streams.delete(stream);
    stream.end();
  }
}

function bytesOf(pictures: readonly KeptPicture[]): number {
  return pictures.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

interface VideoStreamParts {
  readonly id: number;
  readonly area: VideoArea;
  readonly pool: Pick<EncodePool, 'video' | 'endVideo'>;
  readonly onSlow: () => void;
}

const slowMs = 40; // between asking for a picture and having it: below 25 a second is no film
const slowPictures = 15;
const jpegBitsPerSecond = 40_000_000; // a film as single pictures; a slower network has no use for a codec that is only cheap

class VideoStream {
  /** What each member wanted when it last asked. */
  readonly wishes = new Map<object, { readonly bitsPerSecond: number; readonly atMs: number }>();
  readonly #parts: VideoStreamParts;
  #kept: KeptPicture[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #nextIndex = 0;
  #intervalMs = 1000 / 30;
  #encodedAtMs = -Infinity;
  #slow = 0;

  constructor(parts: VideoStreamParts) {
    this.#parts = parts;
  }

  get area(): VideoArea {
    return this.#parts.area;
  }

  /** The slowest member's rate. One that does not ask any more, since it reads nothing, is no reason for the others to see less. */
  get bitsPerSecond(): number {
    const wishes = [...this.wishes.values()];
    const newestMs = Math.max(...wishes.map(({ atMs }) => atMs));
    return Math.min(...wishes.filter(({ atMs }) => newestMs - atMs < stalledAfterMs).map((wish) => wish.bitsPerSecond));
  }

  /** The pictures that lead from the one with this index, or from nothing, to one of this frame or a newer one. */
  async take(after: number | undefined, frame: VideoFrame): Promise<KeptPicture[]> {
    const turn = this.#turn.then(() => this.#upTo(after, frame));
    this.#turn = turn.catch(() => {}); // expected: whoever waits for it is told
    return turn;
  }

  end(): void {
    const { id, pool } = this.#parts;
    // An encoder that is at work is asked to end by the same queue that its work came through.
    void this.#turn.then(() => pool.endVideo(id));
  }

  async #upTo(after: number | undefined, frame: VideoFrame): Promise<KeptPicture[]> {
    const last = this.#kept.at(-1);
    const known = this.#since(after);
    if (known !== undefined && known.length > 0 && last !== undefined && last.serial >= frame.serial) return known;
    await this.#encode(frame, known === undefined);
    return this.#since(after) ?? [];
  }

  /** The kept pictures after an index, or from the last key picture on; undefined when none lead on from there, or so many that another key picture is less to send. */
  #since(after: number | undefined): KeptPicture[] | undefined {
    const keyAt = this.#kept.findLastIndex(({ isKey }) => isKey);
    const key = this.#kept[keyAt];
    if (key !== undefined && (after === undefined || after < key.index)) {
      const pictures = this.#kept.slice(keyAt);
      return bytesOf(pictures) <= key.bytes.length * worthKeyPictures ? pictures : undefined;
    }
    const first = this.#kept[0];
    const leadsOn =
      after !== undefined && (after === this.#nextIndex - 1 || (first !== undefined && after >= first.index - 1));
    return leadsOn ? this.#kept.filter(({ index }) => index > after) : undefined;
  }

  async #encode({ serial, framebuffer }: VideoFrame, isKey: boolean): Promise<void> {
    const { id, area, pool } = this.#parts;
    const startedAtMs = performance.now();
    const sinceLastMs = startedAtMs - this.#encodedAtMs;
    if (sinceLastMs < 500) this.#intervalMs += (sinceLastMs - this.#intervalMs) / 8;
    this.#encodedAtMs = startedAtMs;
    const bytesPerPicture = (this.bitsPerSecond / 8000) * this.#intervalMs;
    const picture = await pool.video({ framebuffer, rect: area.rect, streamId: id, isKey, bytesPerPicture });
    this.#watchTime(performance.now() - startedAtMs);
    const { bytes } = picture;
    if (bytes === undefined) return;
    this.#kept.push({ ...picture, bytes, index: this.#nextIndex++, serial });
    let keptBytes = bytesOf(this.#kept);
    while (this.#kept.length > 1 && (this.#kept.length > maxKeptPictures || keptBytes > maxKeptBytes)) {
      keptBytes -= this.#kept.shift()?.bytes.length ?? 0;
    }
  }

  #watchTime(tookMs: number): void {
    this.#slow = tookMs > slowMs ? this.#slow + 1 : Math.max(0, this.#slow - 1);
    if (this.#slow < slowPictures) return;
    this.#slow = 0;
    if (this.bitsPerSecond >= jpegBitsPerSecond) this.#parts.onSlow();
  }
}
