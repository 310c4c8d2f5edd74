import { concatBytes } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { encodeCopyRect } from '@bhatti/rfb/encode/copy-rect.ts';
import { beginZrleStream } from '@bhatti/rfb/encode/zrle.ts';
import { DesktopSizeReason, Encoding, FenceFlag } from '@bhatti/rfb/numbers.ts';
import type { PixelFormat } from '@bhatti/rfb/pixel-format.ts';
import type { Rect } from '@bhatti/rfb/rect.ts';
import {
  boundsOf,
  emptyRegion,
  intersectRegions,
  isEmptyRegion,
  type Region,
  regionArea,
  regionOf,
  simplifyRegion,
  subtractRegions,
  unionRegions,
} from '@bhatti/rfb/region.ts';
import { encodeServerFence, encodeUpdateHeader } from '@bhatti/rfb/server-writer.ts';
import type { VideoArea } from '../encode/choose.ts';
import type { EncodedRect, EncodeMode } from '../encode/encode-job.ts';
import type { VideoSeat } from '../encode/video-streams.ts';
import type { Frame } from '../source/frame.ts';
import { type FrameChange, type Move, orderedRects } from '../update/move.ts';
import { firstPixels, UpdateTracker } from '../update/tracker.ts';
import type { ViewerAbilities } from './abilities.ts';
import { Congestion } from './congestion.ts';
import { OwedRects, sizeRect, type SizeNews } from './owed-rects.ts';
import { PictureBudget } from './picture-budget.ts';
import type { Stage } from './stage.ts';

/** How the viewer wants its updates; replaced as a whole by SetPixelFormat and SetEncodings. */
export interface ViewerWishes {
  readonly abilities: ViewerAbilities;
  readonly format: PixelFormat;
  readonly mode: EncodeMode;
}

export interface UpdateLink {
  send(bytes: Uint8Array): void;
  bufferedBytes(): number;
  /** Sending failed for good. */
  fail(error: unknown): void;
}

interface DueRegions {
  readonly frame: Frame;
  readonly moves: readonly Move[];
  readonly videos: readonly VideoArea[];
  readonly changed: Region;
  readonly rested: Region;
  /** All pixels that the update covers. */
  readonly whole: Region;
}

const refreshPeriodMs = 100; // an area is refreshed 100 to 200 ms after its last change
const refreshPixels = 512 * 1024; // at once, so that what changes meanwhile waits a few milliseconds at most
const maxAskedRects = 64; // of requests that are not answered yet: to hear of more than it asked for harms no viewer
const maxUpdatePixels = 9 * 1024 * 1024; // all of 3840 × 2160 at once; as raw pixels 36 MiB, and noVNC reads 40 at most
const maxSizeNews = 64;
const lossless: EncodeMode = { kind: 'lossless' };

/**
 * Sends one viewer its updates. An update leaves when the viewer asked for one, something is there that it lacks, and it is not congested; while one is being encoded, what changes adds up for the next. So the
 * viewer always gets the newest pixels, and never a queue of old ones.
 */
export class UpdateSender {
  readonly #stage: Stage;
  readonly #link: UpdateLink;
  readonly #tracker = new UpdateTracker();
  readonly #congestion = new Congestion();
  readonly #budget = new PictureBudget();
  readonly #video: VideoSeat;
  readonly #owed = new OwedRects();
  readonly #sizeNews: SizeNews[] = [];
  #wishes: ViewerWishes;
  /** Grows when the wishes or the size change: an update that was encoded before is not sent any more. */
  #epoch = 0;
  #size: { readonly width: number; readonly height: number };
  #requested: Region = emptyRegion;
  #continuous: Region = emptyRegion;
  /** Where the next update begins when one cannot hold all that is due: else what keeps changing at the top would hold back the rest. */
  #nextTop = 0;
  #isBusy = false;
  #isPumpedAgain = false;
  #isStopped = false;
  #hasZrleBegun = false;
  #isWayKnown = false;
  #refreshTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(stage: Stage, link: UpdateLink, wishes: ViewerWishes) {
    this.#stage = stage;
    this.#link = link;
    this.#wishes = wishes;
    this.#size = stage.layout;
    this.#video = stage.encoder.openVideoSeat();
    this.#tracker.reset(wholeOf(this.#size));
  }

  /** Whether a new frame could be sent at once: the source captures only when somebody can use it. */
  get wantsFrame(): boolean {
    if (this.#isStopped || isEmptyRegion(this.#area()) || this.#isCongested()) return false;
    return this.#usableFrame() === undefined || !this.#tracker.hasPendingIn(this.#area());
  }

  setWishes(wishes: ViewerWishes): void {
    this.#wishes = wishes;
    this.#epoch++;
    this.#owed.forgetCursor();
    if (!wishes.abilities.copyRect) this.#tracker.dropMoves();
    this.pump();
  }

  request(incremental: boolean, rect: Rect): void {
    const region = regionOf(rect);
    if (!incremental) this.#tracker.want(intersectRegions(region, wholeOf(this.#size)));
    this.#requested = simplifyRegion(unionRegions(this.#requested, region), maxAskedRects);
    this.pump();
  }

  setContinuous(rect: Rect | undefined): void {
    this.#continuous = rect === undefined ? emptyRegion : regionOf(rect);
    this.pump();
  }

  /** The frame has these new pixels. */
  noteChange({ changed, moves }: FrameChange): void {
    this.#tracker.change({ changed, moves: this.#wishes.abilities.copyRect ? moves : [] });
    this.pump();
  }

  /** Everything is sent again, whether the viewer has it or not. */
  resend(): void {
    this.#tracker.want(wholeOf(this.#size));
    this.pump();
  }

  noteSize(news: SizeNews): void {
    const last = this.#sizeNews.at(-1);
    // What nobody asked for is soon old. Answers are owed, but not to one who asks and asks and never listens.
    const isOld = last?.kind === 'layout' && last.reason !== DesktopSizeReason.client && news.kind === 'layout';
    if (isOld) this.#sizeNews.pop();
    if (this.#sizeNews.length >= maxSizeNews) return this.#link.fail(deaf());
    this.#sizeNews.push(news);
    this.pump();
  }

  noteFence(id: number): void {
    this.#congestion.receive(id, performance.now());
    this.pump();
  }

  stop(): void {
    this.#isStopped = true;
    this.#video.keep([]);
    clearTimeout(this.#refreshTimer);
  }

  /** Looks whether an update can leave, and sends it: to be called whenever something changed that may allow it. */
  pump(): void {
    if (this.#isStopped) return;
    if (this.#isBusy) {
      this.#isPumpedAgain = true;
      return;
    }
    this.#isBusy = true;
    void this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    try {
      do {
        this.#isPumpedAgain = false;
        while (!this.#isStopped && (await this.#sendOne()));
      } while (this.#isPumpedAgain && !this.#isStopped);
    } catch (error) {
      this.stop();
      this.#link.fail(error);
    } finally {
      this.#isBusy = false;
    }
    // Nothing is left that could be sent, so a newer frame is of use.
    if (this.wantsFrame) this.#stage.wantFrame();
  }

  /** Sends one update. False when there is none to send now. */
  async #sendOne(): Promise<boolean> {
    if (isEmptyRegion(this.#area()) || this.#isCongested()) return false;
    // As new as can be: a frame that is older than what is on the screen would need a second update to be put right.
    const refreshing = this.#stage.refresh();
    if (refreshing !== undefined) await refreshing;
    if (this.#isStopped) return false;
    if (this.#tellSize()) return true;
    const due = this.#takeDue();
    const encoded = due === undefined ? [] : await this.#encode(due);
    if (this.#isStopped) return false;
    // Taken after the wait: the pixel format of a cursor must be the one that is in force when it is sent.
    const { abilities, format } = this.#wishes;
    const owed = this.#owed.take({
      abilities,
      format,
      cursor: this.#stage.cursor(abilities),
      leds: this.#stage.leds(),
    });
    const rects = [...owed, ...this.#bodiesOf(encoded ?? [])];
    if (rects.length > 0) this.#sendUpdate(rects);
    return rects.length > 0 || encoded === undefined;
  }

  /** Of the frame, what the viewer lacks, and what it has with loss and rests. From here on it counts as sent. */
  #takeDue(): DueRegions | undefined {
    const frame = this.#usableFrame();
    if (frame === undefined) return undefined;
    const area = intersectRegions(this.#area(), wholeOf(frame));
    const areas = this.#videoAreas();
    this.#video.keep(areas);
    const moves = this.#tracker.takeMoves(area);
    const videos = areas.filter(({ rect }) => this.#isVideoDue(rect, area));
    const video = regionOf(...videos.map(({ rect }) => rect));
    const maxPixels = Math.min(maxUpdatePixels, this.#budget.maxPixels(this.#congestion.bytesPerMs));
    const changed = this.#cut(subtractRegions(this.#tracker.pendingIn(area), video), maxPixels);
    const isAlone = moves.length === 0 && videos.length === 0 && isEmptyRegion(changed);
    const restedPixels = Math.min(refreshPixels, this.#budget.refreshPixels(this.#congestion.bytesPerMs, isAlone));
    const rested = subtractRegions(
      intersectRegions(this.#tracker.rested(restedPixels), area),
      regionOf(...areas.map(({ rect }) => rect)),
    );
    const whole = unionRegions(unionRegions(changed, rested), video);
    if (moves.length === 0 && isEmptyRegion(whole)) return undefined;
    this.#tracker.send(whole);
    return { frame, moves, videos, changed, rested, whole };
  }

  /** A part of what is due that an update may hold. */
  #cut(region: Region, maxPixels: number): Region {
    const { width, height } = this.#size;
    const below = intersectRegions(region, regionOf({ x: 0, y: this.#nextTop, width, height }));
    const cut = firstPixels(isEmptyRegion(below) ? region : below, maxPixels);
    const { y, height: cutHeight } = boundsOf(cut);
    this.#nextTop = cut === region ? 0 : y + cutHeight;
    return cut;
  }

  #videoAreas(): readonly VideoArea[] {
    const { abilities, mode } = this.#wishes;
    return abilities.h264 && mode.kind === 'lossy' ? this.#stage.encoder.videoAreas() : [];
  }

  /** A picture is of a whole area, so the viewer must want to be told of all of it. */
  #isVideoDue(rect: Rect, area: Region): boolean {
    const region = regionOf(rect);
    return this.#tracker.hasPendingIn(region) && isEmptyRegion(subtractRegions(region, area));
  }

  /** Undefined when the viewer's wishes or size changed meanwhile; the pixels are then still to be sent. */
  async #encode(due: DueRegions): Promise<EncodedRect[] | undefined> {
    const { frame, moves, videos, changed, rested } = due;
    const { abilities, format, mode } = this.#wishes;
    const epoch = this.#epoch;
    const encoding = { encoding: abilities.encoding, format };
    if (this.wantsFrame) this.#stage.wantFrame();
    const { encoder } = this.#stage;
    const { bytesPerMs } = this.#congestion;
    const bitsPerSecond = this.#budget.videoBitsPerSecond(bytesPerMs, abilities.fence);
    const [first, second, ...shown] = await Promise.all([
      encoder.encode(frame, changed, { ...encoding, mode: this.#budget.modeFor(mode) }),
      encoder.encode(frame, rested, { ...encoding, mode: lossless }),
      ...videos.map((area) => encoder.show(this.#video, area, { frame, bitsPerSecond })),
    ]);
    if (epoch !== this.#epoch) {
      this.#takeBack(due);
      return undefined;
    }
    const sent = {
      bytes: bytesOf([...first, ...second].map(({ bytes }) => bytes)),
      pixels: regionArea(changed) + regionArea(rested),
    };
    if (sent.pixels > 0) this.#budget.note(sent, bytesPerMs, performance.now());
    videos.forEach(({ rect }, i) => shown[i] === undefined && this.#tracker.want(regionOf(rect)));
    const rects = [...first, ...shown.filter((rect) => rect !== undefined), ...second];
    this.#noteLossy(regionOf(...rects.filter(({ isLossy }) => isLossy).map(({ rect }) => rect)));
    // Copies first: they read what the viewer had before this update.
    return [...moves.flatMap(copyRects), ...rects];
  }

  /** What was taken for an update did not leave. Moves since then read pixels that the viewer did not get. */
  #takeBack({ moves, whole }: DueRegions): void {
    const lost = moves.reduce((sum, { to }) => unionRegions(sum, to), whole);
    this.#tracker.dropMoves();
    this.#tracker.want(intersectRegions(lost, wholeOf(this.#size)));
    this.#video.lose();
  }

  /** Tells the oldest news of the size, in an update of its own: rects of the old size and of the new one never share an update. */
  #tellSize(): boolean {
    const news = this.#sizeNews.shift();
    if (news === undefined) return false;
    const { width, height } = news.layout;
    const hasNewSize = width !== this.#size.width || height !== this.#size.height;
    const rect = sizeRect(news, this.#wishes.abilities);
    if (rect === undefined && hasNewSize) {
      const reason = 'it cannot follow a new size of the desktop';
      throw new CodedError('PROTOCOL_VIOLATION', `cannot go on with this viewer: ${reason}`, { peer: 'viewer' });
    }
    if (hasNewSize) {
      this.#size = { width, height };
      this.#epoch++;
      this.#tracker.reset(wholeOf(this.#size));
    }
    if (rect !== undefined) this.#sendUpdate([rect]);
    return true;
  }

  #sendUpdate(rects: readonly Uint8Array[]): void {
    const update = [encodeUpdateHeader(rects.length), ...rects];
    this.#requested = emptyRegion;
    if (this.#wishes.abilities.fence) {
      // Ahead of the first picture, whose own answer says nothing as long as nobody knows how long an empty one takes.
      if (!this.#isWayKnown) update.unshift(encodeServerFence(FenceFlag.request, fencePayload(this.#sendFence(0))));
      this.#isWayKnown = true;
      const id = this.#sendFence(bytesOf(update));
      // The viewer answers when it has handled all that came before: that is what blockBefore says.
      update.push(encodeServerFence(FenceFlag.request | FenceFlag.blockBefore, fencePayload(id)));
    }
    const bytes = concatBytes(update);
    this.#link.send(bytes);
    announce('viewer:update', { rects: rects.length, bytes: bytes.length });
  }

  #sendFence(bytes: number): number {
    return this.#congestion.send(bytes, performance.now());
  }

  #bodiesOf(rects: readonly EncodedRect[]): Uint8Array[] {
    return rects.map(({ encoding, bytes }) => {
      if (encoding !== Encoding.zrle || this.#hasZrleBegun) return bytes;
      this.#hasZrleBegun = true;
      return beginZrleStream(bytes);
    });
  }

  #noteLossy(region: Region): void {
    this.#tracker.addLossy(region);
    // An update was under way when the viewer left: a clock begun now would never end, and keep the session for ever.
    if (this.#isStopped || isEmptyRegion(this.#tracker.lossy)) return;
    this.#refreshTimer ??= setTimeout(() => this.#endPeriod(), refreshPeriodMs);
  }

  #endPeriod(): void {
    this.#refreshTimer = undefined;
    this.#tracker.endPeriod();
    // While something is lossy, periods follow each other; an exact picture needs no clock.
    if (!isEmptyRegion(this.#tracker.lossy)) {
      this.#refreshTimer = setTimeout(() => this.#endPeriod(), refreshPeriodMs);
    }
    this.pump();
  }

  /** The newest frame, if it has the size that the viewer was told. */
  #usableFrame(): Frame | undefined {
    const frame = this.#stage.frame();
    return frame !== undefined && frame.width === this.#size.width && frame.height === this.#size.height
      ? frame
      : undefined;
  }

  #isCongested(): boolean {
    return this.#congestion.isCongested(this.#link.bufferedBytes());
  }

  /** Where the viewer wants to be told of changes. */
  #area(): Region {
    return unionRegions(this.#requested, this.#continuous);
  }
}

function copyRects(move: Move): EncodedRect[] {
  return orderedRects(move).map((rect) => ({
    rect,
    encoding: Encoding.copyRect,
    isLossy: false,
    bytes: encodeCopyRect(rect, { x: rect.x - move.dx, y: rect.y - move.dy }),
  }));
}

function bytesOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function deaf(): CodedError<'PROTOCOL_VIOLATION'> {
  const message = `cannot go on with this viewer: it asked for ${maxSizeNews} sizes and for no update`;
  return new CodedError('PROTOCOL_VIOLATION', message, { peer: 'viewer' });
}

const fenceMark = 0xb7; // tells our fences from an answer that nobody asked for

export function fencePayload(id: number): Uint8Array {
  const payload = new Uint8Array(5);
  payload[0] = fenceMark;
  new DataView(payload.buffer).setUint32(1, id);
  return payload;
}

export function fenceIdOf(payload: Uint8Array): number | undefined {
  if (payload.length !== 5 || payload[0] !== fenceMark) return undefined;
  return new DataView(payload.buffer, payload.byteOffset).getUint32(1);
}

function wholeOf({ width, height }: { readonly width: number; readonly height: number }): Region {
  return regionOf({ x: 0, y: 0, width, height });
}
