import { readFileSync, readlinkSync } from 'node:fs';
import { lazyLibrary } from './native/library.ts';

const libc = lazyLibrary(['libc.so.6'], {
  madvise: { args: ['u64', 'u64', 'i32'], returns: 'i32' },
  malloc_trim: { args: ['u64'], returns: 'i32' },
});
const madvDontNeed = 4;

/**
 * Gives back the memory that a process needed to start and does not need to wait: garbage, free pages of the allocator, and the pages of the program's own code, of which starting touches 35 MB and waiting
 * a few. Code that is needed again is mapped again from the page cache, in microseconds. For long-lived processes that have become idle.
 */
export function releaseIdleMemory(): void {
  Bun.gc(true);
  // Native libraries allocate by libc, which keeps an arena for each thread that ever ran: 6 to 35 MB of free pages between pages in use, seen after an hour of encoding.
  libc().malloc_trim(0n);
  for (const { from, to } of codeMappings()) {
    // SAFETY: private mappings of a file that were never written: dropping their pages loses nothing.
    libc().madvise(BigInt(from), BigInt(to - from), madvDontNeed);
  }
}

/** The program's own executable mappings. Those that are only read are left alone: the loader has written relocations into some of them. */
function codeMappings(): { from: number; to: number }[] {
  const program = readlinkSync('/proc/self/exe');
  return readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const match = /^([0-9a-f]+)-([0-9a-f]+) r-xp \S+ \S+ \d+\s+(.*)$/.exec(line);
      if (match === null || match[3] !== program) return [];
      return [{ from: Number.parseInt(match[1] ?? '', 16), to: Number.parseInt(match[2] ?? '', 16) }];
    });
}
