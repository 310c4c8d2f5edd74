import { randomHex } from '@bhatti/base/ids.ts';
import { guestRunDir } from '@bhatti/wire/guest-paths.ts';
import { closeSync, constants, openSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { InputTarget, ServiceSettings, StreamTarget } from './definition.ts';
import { shellLink, type ExecLink } from './exec-chain.ts';
import { step } from './step-error.ts';

/** The descriptors 0, 1 and 2 of a process; null is /dev/null, or a terminal that the process opens itself. */
export interface UnitStreams {
  readonly fds: readonly (number | null)[];
  /** Steps of the process, for what must be opened by itself. */
  readonly links: readonly ExecLink[];
}

const steps = [
  { status: 208, what: 'Failed to set up standard input' },
  { status: 209, what: 'Failed to set up standard output' },
  { status: 222, what: 'Failed to set up standard error output' },
] as const;

export function openStreams(settings: ServiceSettings, files: StreamFiles): UnitStreams {
  const { exec } = settings;
  const input: InputTarget = settings.standardInput ?? { kind: exec.inputData.length > 0 ? 'data' : 'null' };
  const output = inherited(settings.standardOutput, input);
  const error = inherited(settings.standardError, output);
  const targets: readonly Target[] = [
    isReadOnly(input, [output, error]) ? { ...input, kind: 'read' } : input,
    output,
    error,
  ];
  const fds = targets.map((target, at) => {
    const { status, what } = steps[at] ?? steps[0];
    const isShared = 'path' in target && 'path' in input && target.path === input.path;
    return step(status, what, () => files.open(target, { data: exec.inputData, isShared }));
  });
  return {
    fds,
    links: targets.flatMap((target, at) => (target.kind === 'tty' ? [terminalLink(at, exec.ttyPath)] : [])),
  };
}

/** Whether a stream is the socket that a service was started for. */
export function hasSocketStream({ standardInput, standardOutput, standardError }: ServiceSettings): boolean {
  return [standardInput, standardOutput, standardError].some((target) => target?.kind === 'socket');
}

/** A session leader that opens a terminal gets it as its controlling one. */
function terminalLink(fd: number, path: string): ExecLink {
  const { status, what } = steps[fd] ?? steps[0];
  const name = ['STDIN', 'STDOUT', 'STDERR'][fd] ?? '';
  // Tried beside first: a failed redirection of `exec` would end the shell with a status of its own.
  return shellLink(
    `if [ -c "$1" ] && ( : <>"$1" ) 2>/dev/null; then exec ${fd}<>"$1"; else bhatti_fail ${status} ${name} '${what}' 'No such file or directory'; fi`,
    path,
  );
}

type Target = InputTarget | StreamTarget | { readonly kind: 'read'; readonly path: string };

/** A file that is input alone must be there, and is only read. */
function isReadOnly(input: InputTarget, outputs: readonly Target[]): input is InputTarget & { readonly kind: 'file' } {
  return input.kind === 'file' && !outputs.some((output) => 'path' in output && output.path === input.path);
}

function inherited(target: StreamTarget, from: Target): Target {
  return target.kind === 'inherit' ? from : target;
}

/** Opens the files of a process's streams and closes this process's copies afterwards. */
export class StreamFiles implements Disposable {
  readonly #openJournal: () => number;
  readonly #sockets: readonly number[];
  readonly #opened: number[] = [];
  readonly #byPath = new Map<string, number>();
  #journalFd: number | undefined;

  /** `sockets` stay their owner's. */
  constructor(openJournal: () => number, sockets: readonly number[]) {
    this.#openJournal = openJournal;
    this.#sockets = sockets;
  }

  /** A file that is input and output is opened once, for both. */
  open(target: Target, how: { readonly data: readonly Uint8Array[]; readonly isShared: boolean }): number | null {
    switch (target.kind) {
      case 'null':
      case 'tty':
      case 'inherit':
        return null;
      case 'journal':
        return this.journal();
      case 'socket':
        return this.#socket();
      case 'read':
        return this.own(openSync(target.path, 'r'));
      case 'data':
        return this.own(openData(Buffer.concat(how.data)));
      case 'file':
      case 'append':
      case 'truncate':
        return this.#openFile(target, how.isShared ? constants.O_RDWR : constants.O_WRONLY);
    }
  }

  journal(): number {
    return (this.#journalFd ??= this.own(this.#openJournal()));
  }

  own(fd: number): number {
    this.#opened.push(fd);
    return fd;
  }

  [Symbol.dispose](): void {
    for (const fd of this.#opened) closeSync(fd);
  }

  /** The one there is: a connection, or what the unit's only socket listens on. */
  #socket(): number {
    const [only, another] = this.#sockets;
    if (only !== undefined && another === undefined) return only;
    throw new Error(`Got ${only === undefined ? 'no' : 'more than one'} socket.`);
  }

  /** For what it is there for: whoever reads a pipe and could write would never see its end. */
  #openFile({ kind, path }: Target & { readonly kind: 'file' | 'append' | 'truncate' }, access: number): number {
    const known = this.#byPath.get(path);
    if (known !== undefined) return known;
    const how = { file: 0, append: constants.O_APPEND, truncate: constants.O_TRUNC }[kind];
    const fd = this.own(openSync(path, access | constants.O_CREAT | constants.O_NOCTTY | how, 0o644));
    this.#byPath.set(path, fd);
    return fd;
  }
}

/** A file without a name that holds the data. */
function openData(data: Uint8Array): number {
  const path = join(guestRunDir, `input-${randomHex(8)}`);
  const writing = openSync(path, 'wx', 0o600);
  try {
    const reading = openSync(path, 'r');
    unlinkSync(path);
    for (let at = 0; at < data.length;) at += writeSync(writing, data, at);
    return reading;
  } finally {
    closeSync(writing);
  }
}
