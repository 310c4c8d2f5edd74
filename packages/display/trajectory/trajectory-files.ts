import { CodedError } from '@bhatti/base/errors.ts';
import type { Trajectory, TrajectoryStep } from '@bhatti/wire/display/trajectory.ts';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

const stepsFile = 'steps.jsonl';
const startedFile = 'started';

/** Trajectories as directories of the desktop's account: a file of steps, a line each, and pictures. A line is written after its picture, so what a crash leaves is whole up to its last line. */
export class TrajectoryFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Throws ALREADY_EXISTS. */
  create(name: string, startedAt: string): void {
    const dir = join(this.#root, name);
    if (existsSync(dir)) {
      throw new CodedError('ALREADY_EXISTS', `trajectory "${name}" is there already`, { what: 'trajectory', name });
    }
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeFileSync(join(dir, startedFile), startedAt);
    writeFileSync(join(dir, stepsFile), '');
  }

  /** Bytes that were written. */
  append(name: string, step: TrajectoryStep, picture: Uint8Array | undefined): number {
    const dir = join(this.#root, name);
    if (picture !== undefined && step.picture !== undefined) writeFileSync(join(dir, step.picture), picture);
    const line = `${JSON.stringify(step)}\n`;
    appendFileSync(join(dir, stepsFile), line);
    return line.length + (picture?.length ?? 0);
  }

  list(recording: string | undefined): Trajectory[] {
    if (!existsSync(this.#root)) return [];
    return readdirSync(this.#root)
      .filter((name) => existsSync(join(this.#root, name, startedFile)))
      .map((name) => this.#describe(name, recording))
      .toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
  }

  /** The lines of its steps. Throws NOT_FOUND. */
  steps(name: string): string {
    return this.#read(name, stepsFile).toString('utf8');
  }

  /** Throws NOT_FOUND for what is no picture of it. */
  picture(name: string, file: string): Uint8Array<ArrayBuffer> {
    if (!/^\d{6}\.jpeg$/.test(file)) throw notFound(name, file);
    return new Uint8Array(this.#read(name, file));
  }

  remove(name: string): void {
    this.#read(name, startedFile);
    rmSync(join(this.#root, name), { recursive: true });
  }

  #describe(name: string, recording: string | undefined): Trajectory {
    const dir = join(this.#root, name);
    const files = readdirSync(dir);
    return {
      name,
      startedAt: readFileSync(join(dir, startedFile), 'utf8'),
      steps: this.steps(name).split('\n').length - 1,
      bytes: files.reduce((sum, file) => sum + statSync(join(dir, file)).size, 0),
      recording: name === recording,
    };
  }

  #read(name: string, file: string): Buffer<ArrayBuffer> {
    try {
      return readFileSync(join(this.#root, name, file));
    } catch (cause) {
      throw notFound(name, file, cause);
    }
  }
}

function notFound(name: string, file: string, cause?: unknown): CodedError<'NOT_FOUND'> {
  const path = `/trajectories/${name}/${file}`;
  return new CodedError(
    'NOT_FOUND',
    `trajectory "${name.slice(0, 64)}" has no such part, or is not there`,
    { path },
    { cause },
  );
}
