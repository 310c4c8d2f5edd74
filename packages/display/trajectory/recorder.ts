import { CodedError, describe } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import type { Action, ActionResult, Batch, BatchReply } from '@bhatti/wire/display/action.ts';
import type { Trajectory, TrajectoryStep } from '@bhatti/wire/display/trajectory.ts';
import type { ControlledDesktop } from '../desktop/control-api.ts';
import type { TrajectoryFiles } from './trajectory-files.ts';

const maxBytes = 512 * 1024 * 1024; // an hour of an agent's work is some 50 MB
const maxSteps = 100_000;
const pictureSize = { width: 1_280, height: 1_280 };

interface Recording {
  readonly name: string;
  readonly startedAt: string;
  steps: number;
  bytes: number;
}

/** Writes down what an operator does while it is asked to. What cannot be written ends the recording, never the action. */
export class Recorder {
  readonly #files: TrajectoryFiles;
  /** The whole screen, small; undefined when it may not or cannot be shown. */
  readonly #takePicture: () => Promise<Uint8Array | undefined>;
  #recording: Recording | undefined;

  constructor(files: TrajectoryFiles, takePicture: () => Promise<Uint8Array | undefined>) {
    this.#files = files;
    this.#takePicture = takePicture;
  }

  get recording(): string | undefined {
    return this.#recording?.name;
  }

  /** Throws LOCKED while one is recorded, ALREADY_EXISTS. */
  start(name: string | undefined, now = new Date()): Trajectory {
    if (this.#recording !== undefined) {
      const message = `cannot record: "${this.#recording.name}" is being recorded`;
      throw new CodedError('LOCKED', message, { what: 'trajectory' }, { hint: 'stop it first' });
    }
    const startedAt = now.toISOString();
    const recording = { name: name ?? startedAt.replaceAll(':', '-'), startedAt, steps: 0, bytes: 0 };
    this.#files.create(recording.name, startedAt);
    this.#recording = recording;
    return viewOf(recording, true);
  }

  /** What was recorded; undefined when nothing was. */
  stop(): Trajectory | undefined {
    const recording = this.#recording;
    this.#recording = undefined;
    return recording && viewOf(recording, false);
  }

  /** A batch was carried out. */
  async note(batch: Batch, reply: BatchReply): Promise<void> {
    const recording = this.#recording;
    if (recording === undefined || batch.actions.length === 0) return;
    const { actions, isRedacted } = redact(batch.actions);
    // A field that shows what is typed would show it in the picture.
    const picture = isRedacted ? undefined : await this.#takePicture();
    recording.steps++;
    const step: TrajectoryStep = {
      step: recording.steps,
      at: new Date().toISOString(),
      batch: { ...batch, actions },
      reply: kept(reply, isRedacted),
      ...(picture === undefined ? {} : { picture: `${String(recording.steps).padStart(6, '0')}.jpeg` }),
      ...(isRedacted ? { redacted: true } : {}),
    };
    try {
      recording.bytes += this.#files.append(recording.name, step, picture);
      if (recording.bytes > maxBytes || recording.steps >= maxSteps) throw new Error('it has become too long');
    } catch (error) {
      announce('display:error', { trajectory: recording.name, ended: describe(error) });
      if (this.#recording === recording) this.#recording = undefined;
    }
  }
}

/** The whole screen as a small picture file; undefined when none may or can be taken. */
export async function tryPicture(desktop: ControlledDesktop): Promise<Uint8Array | undefined> {
  try {
    const { bytes } = await desktop.screenshot({ format: 'jpeg', quality: 70, withCursor: true, fit: pictureSize });
    return bytes;
  } catch {
    return undefined; // expected: the screen is withheld, or changes its size
  }
}

function viewOf({ name, startedAt, steps, bytes }: Recording, recording: boolean): Trajectory {
  return { name, startedAt, steps, bytes, recording };
}

/** Sensitive text is written down nowhere. */
function redact(actions: readonly Action[]): { actions: Action[]; isRedacted: boolean } {
  let isRedacted = false;
  const redacted = actions.map((action): Action => {
    if ((action.do !== 'type' && action.do !== 'set') || action.sensitive !== true) return action;
    isRedacted = true;
    return action.do === 'type' ? { ...action, text: '' } : { ...action, value: '' };
  });
  return { actions: redacted, isRedacted };
}

/** Without pictures, which are files of their own, and what was copied. Of a step with sensitive text nothing that a program may have shown of it. */
function kept({ results, screenshot: _screenshot, ...reply }: BatchReply, isRedacted: boolean): BatchReply {
  return { ...reply, results: results.map((result) => keptResult(result, isRedacted)) };
}

function keptResult(
  { picture: _picture, text: _text, elements, windows, error, ...result }: ActionResult,
  isRedacted: boolean,
): ActionResult {
  if (isRedacted) {
    const message = 'not kept: the step has sensitive text';
    return { ...result, ...(error === undefined ? {} : { error: { code: error.code, message } }) };
  }
  return { ...result, ...(elements && { elements }), ...(windows && { windows }), ...(error && { error }) };
}
