import { unitJournalDir, type OutputStream } from '../journal/layout.ts';
import { OutputFile } from '../journal/output-file.ts';
import type { RateLimitSpec } from '../journal/rate-limit.ts';

const maxMoveBytes = 1024 * 1024;

export interface PumpSpec {
  readonly unit: string;
  readonly stream: OutputStream;
  readonly fd: number;
}

export interface PumpListener {
  /** Output is being lost, said for the first time. */
  onLossy(unit: string, why: string): void;
  /** So many lines were not kept, since they came too fast. */
  onSuppressed(unit: string, lines: number): void;
  onRotated(): void;
}

/** One unit's pipe and file. */
export class Pump {
  readonly unit: string;
  readonly #fd: number;
  readonly #file: OutputFile;
  readonly #listener: PumpListener;

  constructor({ unit, stream, fd }: PumpSpec, journalDir: string, listener: PumpListener) {
    this.unit = unit;
    this.#fd = fd;
    this.#file = new OutputFile(unitJournalDir(unit, journalDir), stream);
    this.#listener = listener;
  }

  /** A few rounds at most, so that one flooding unit does not keep the others waiting. */
  move(rounds: number): void {
    for (let round = 0; round < rounds; round += 1) {
      const taken = this.#file.take(this.#fd, maxMoveBytes);
      if (taken.kind === 'empty') return;
      if (taken.kind === 'lossy') this.#listener.onLossy(this.unit, taken.why);
      if (taken.kind === 'suppressed') this.#listener.onSuppressed(this.unit, taken.lines);
      if (taken.kind === 'rotated') this.#listener.onRotated();
    }
  }

  limit(spec: RateLimitSpec | undefined): void {
    this.#file.limit(spec);
  }

  endLine(): void {
    this.#file.endLine();
  }

  rotate(): void {
    this.#file.rotate();
  }

  close(): void {
    this.#file.close();
  }
}
