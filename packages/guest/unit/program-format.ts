import { accessSync, closeSync, constants, existsSync, openSync, readdirSync, readSync } from 'node:fs';

const headBytes = 256; // the kernel's BINPRM_BUF_SIZE

/**
 * Why the kernel would not run a file that is there and may be executed; undefined when it would, or when that is for somebody else to find out. A shell would take such a file for a script of its own.
 * `outside` is where an absolute path of the program's world is in ours.
 */
export function refusedFormat(path: string, outside: (path: string) => string): string | undefined {
  const head = tryReadHead(outside(path));
  if (head === undefined || head.startsWith('\x7fELF')) return undefined;
  const interpreter = /^#![ \t]*([^ \t\n]+)/.exec(head)?.[1];
  if (interpreter !== undefined) return existsSync(outside(interpreter)) ? undefined : 'No such file or directory';
  return hasOtherFormats() ? undefined : 'Exec format error';
}

function tryReadHead(path: string): string | undefined {
  let fd: number;
  try {
    accessSync(path, constants.X_OK);
    fd = openSync(path, 'r');
  } catch {
    return undefined; // expected: it is not there, not a file, or nobody may execute it
  }
  try {
    const head = Buffer.alloc(headBytes);
    return head.toString('latin1', 0, readSync(fd, head, 0, headBytes, 0));
  } catch {
    return undefined; // expected: it is a directory
  } finally {
    closeSync(fd);
  }
}

/** binfmt_misc: formats that somebody has registered, beside its own two files. */
function hasOtherFormats(): boolean {
  try {
    return readdirSync('/proc/sys/fs/binfmt_misc').length > 2;
  } catch {
    return false; // expected: this kernel has none
  }
}
