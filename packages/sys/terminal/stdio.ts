import { statusFlags, setStatusFlags } from './descriptor.ts';

// process.stdin, stdout and stderr cost 6.7 ms to load; the runtime's own sinks cost nothing, keep order, wait for a slow reader without stopping the event
// loop, and say EPIPE.

/** Standard output or error. */
export interface Output {
  /** Resolves when the bytes are with the kernel. Rejects with `code` EPIPE, ENOSPC, … as write(2) does. */
  write(bytes: Uint8Array | string): Promise<void>;
}

/** Opened at the first write: a stream that is never used is never touched. */
export function openOutput(fd: 1 | 2): Output {
  let sink: Bun.FileSink | undefined;
  return {
    async write(bytes) {
      sink ??= openSink(fd);
      await sink.write(bytes);
      await sink.flush();
    },
  };
}

/** Standard input. */
export interface Input {
  /** The next bytes as they come, undefined at the end; no more than one buffer is read ahead. */
  read(): Promise<Uint8Array | undefined>;
  /** Ends a waiting `read`, and lets the process end. */
  close(): void;
}

export function openInput(): Input {
  const reader = Bun.stdin.stream().getReader();
  return {
    async read() {
      const { value } = await reader.read();
      return value;
    },
    close: () => void reader.cancel(),
  };
}

/** Standard input as a stream, for a request's body. */
export function inputStream(): ReadableStream<Uint8Array> {
  return Bun.stdin.stream();
}

function openSink(fd: 1 | 2): Bun.FileSink {
  // The sink makes a pipe non-blocking. That flag belongs to the open file, which the next program of the shell's line may share and which would then fail with EAGAIN.
  const flags = statusFlags(fd);
  process.once('exit', () => setStatusFlags(fd, flags));
  return (fd === 1 ? Bun.stdout : Bun.stderr).writer();
}
