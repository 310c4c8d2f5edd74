import { CodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';

import type { SegmentRef, WorkerReply, WorkerRequest } from './encode-job.ts';

/** What a worker is asked to do, without the number that finds its way back. */
export type CrewTask =
  | Omit<Extract<WorkerRequest, { kind: 'encode' }>, 'sequence'>
  | Omit<Extract<WorkerRequest, { kind: 'picture' }>, 'sequence'>
  | Omit<Extract<WorkerRequest, { kind: 'video' }>, 'sequence'>;

export type CrewReply = Exclude<WorkerReply, { kind: 'failed' }>;

interface Assignment {
  readonly sequence: number;
  readonly task: CrewTask;
  readonly resolve: (reply: CrewReply) => void;
  readonly reject: (error: CodedError) => void;
  deaths: number;
}

interface Member {
  readonly worker: Worker;
  /** What it works at; one at a time, so that a death is that assignment's. */
  current: Assignment | undefined;
  /** Video streams whose encoders live in this thread: their pictures are encoded here and nowhere else. */
  readonly streams: Set<number>;
}

export interface CrewOptions {
  readonly threads: number;
  /** The script of a thread. */
  readonly worker: string;
}

const maxDeaths = 2; // a job is tried again once: the first death may have been another's fault

/** Worker threads that take tasks from one queue. One that dies is replaced when there is work for it: a script that cannot even start fails its tasks, and no more. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #members: Member[] = [];
  readonly #queue: Assignment[] = [];
  readonly #segments = new Map<number, SegmentRef>();
  #nextSequence = 0;
  #isClosed = false;

  constructor(options: CrewOptions) {
    this.#options = options;
  }

  /** Workers are hired when there is work for them; this hires them before, for work that is about to come. */
  prepare(): void {
    while (!this.#isClosed && this.#members.length < this.#options.threads) this.#hire();
  }

  /** Lets those go who have nothing to do: an idle worker keeps some 8 MB. Resolves when they are gone, and what they held can be given back. */
  async rest(): Promise<void> {
    const idle = this.#members.filter(({ current, streams }) => current === undefined && streams.size === 0);
    const gone = idle.map(({ worker }) => new Promise((resolve) => worker.addEventListener('close', resolve)));
    for (const member of idle) {
      this.#members.splice(this.#members.indexOf(member), 1);
      send(member.worker, { kind: 'close' });
    }
    await Promise.all(gone);
  }

  /** Rejects with the worker's error what it failed at, with INTERNAL what it died of twice, with ABORTED what was not done when the crew was dismissed. */
  run(task: CrewTask): Promise<CrewReply> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(closedError());
      this.#queue.push({ sequence: this.#nextSequence++, task, resolve, reject, deaths: 0 });
      this.#handOut();
    });
  }

  /** Every worker, and each that comes later, maps this segment before its next task. */
  attach(segment: SegmentRef): void {
    this.#segments.set(segment.id, segment);
    for (const { worker } of this.#members) send(worker, { kind: 'attach', segment });
  }

  detach(segmentId: number): void {
    this.#segments.delete(segmentId);
    for (const { worker } of this.#members) send(worker, { kind: 'detach', segmentId });
  }

  /** No more pictures of this stream will be wanted. */
  endStream(streamId: number): void {
    for (const { worker, streams } of this.#members) {
      if (streams.delete(streamId)) send(worker, { kind: 'endVideo', streamId });
    }
  }

  /** Each worker ends what it is at, which nobody waits for any more, and cleans up after itself. */
  async dismiss(): Promise<void> {
    this.#isClosed = true;
    const members = this.#members.splice(0);
    for (const assignment of this.#queue.splice(0)) assignment.reject(closedError());
    const gone = members.map(({ worker }) => new Promise((resolve) => worker.addEventListener('close', resolve)));
    for (const { worker, current } of members) {
      current?.reject(closedError());
      send(worker, { kind: 'close' });
    }
    await Promise.all(gone);
  }

  #hire(): Member {
    const worker = new Worker(this.#options.worker);
    const member: Member = { worker, current: undefined, streams: new Set() };
    worker.addEventListener('message', (event: MessageEvent<WorkerReply>) => this.#take(member, event.data));
    worker.addEventListener('error', (event) => {
      // Else the runtime takes it for an error of the main thread. `close` follows.
      event.preventDefault();
      announce('display:error', { what: 'encode worker', message: event.message });
    });
    worker.addEventListener('close', () => this.#replace(member));
    for (const segment of this.#segments.values()) send(worker, { kind: 'attach', segment });
    this.#members.push(member);
    return member;
  }

  #handOut(): void {
    // In order, but one that has to wait for its thread holds up none that does not.
    for (let i = 0; i < this.#queue.length;) {
      const next = this.#queue[i];
      const member = next && this.#freeMemberFor(next.task);
      if (next === undefined || member === undefined) {
        i++;
        continue;
      }
      this.#queue.splice(i, 1);
      member.current = next;
      if (next.task.kind === 'video') member.streams.add(next.task.job.streamId);
      send(member.worker, { ...next.task, sequence: next.sequence });
    }
  }

  #freeMemberFor(task: CrewTask): Member | undefined {
    if (task.kind === 'video') {
      const { streamId } = task.job;
      const owner = this.#members.find(({ streams }) => streams.has(streamId));
      if (owner !== undefined) return owner.current === undefined ? owner : undefined;
    }
    const idle = this.#members
      .filter(({ current }) => current === undefined)
      .toSorted((a, b) => a.streams.size - b.streams.size);
    return idle[0] ?? (this.#members.length < this.#options.threads ? this.#hire() : undefined);
  }

  #take(member: Member, reply: WorkerReply): void {
    const assignment = member.current;
    if (assignment === undefined || assignment.sequence !== reply.sequence) return;
    member.current = undefined;
    if (reply.kind === 'failed') {
      const { code, message, details } = reply.error;
      assignment.reject(new CodedError(code, message, details));
    } else assignment.resolve(reply);
    this.#handOut();
  }

  #replace(dead: Member): void {
    const index = this.#members.indexOf(dead);
    // One that was let go is expected to end.
    if (this.#isClosed || index < 0) return;
    this.#members.splice(index, 1);
    const assignment = dead.current;
    if (assignment !== undefined && ++assignment.deaths < maxDeaths) this.#queue.unshift(assignment);
    else assignment?.reject(new CodedError('INTERNAL', 'cannot encode: the worker died of it', {}));
    this.#handOut();
  }
}

function send(worker: Worker, request: WorkerRequest): void {
  worker.postMessage(request);
}

function closedError(): CodedError<'ABORTED'> {
  return new CodedError('ABORTED', 'cannot encode: the pool is closed', { by: 'close' });
}
