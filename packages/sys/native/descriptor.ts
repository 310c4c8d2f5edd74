import { closeSync } from 'node:fs';
/** An open descriptor of this process that is closed at the end of its scope, and by nobody else. */
export interface OwnedFd extends Disposable {
  readonly fd: number;
}

/** Takes over a descriptor. Closing twice is harmless; the number may belong to somebody else by then, so it is closed once only. */
export function ownFd(fd: number): OwnedFd {
  let isOpen = true;
  return {
    fd,
    [Symbol.dispose]() {
      if (!isOpen) return;
      isOpen = false;
      closeSync(fd);
    },
  };
}

/** A string as native code takes it. */
export function cString(text: string): Buffer {
  return Buffer.from(`${text}\0`);
}
