import { statSync } from 'node:fs';
import { keptRotations, partPath, type JournalFile } from './layout.ts';
import { openLineFile, type LineFile, type LineRule } from './line-file.ts';

/** A file and those it was rotated into. They are known by their inodes: while somebody reads, any of them may get the next one's name. */
export interface Generations {
  /** Oldest first. */
  inodes(): number[];
  /** Undefined when it is there no more. */
  open(inode: number): { readonly file: LineFile; readonly generation: number } | undefined;
}

export function generationsOf(directory: string, name: JournalFile, rule: LineRule): Generations {
  const numbers = Array.from({ length: keptRotations + 1 }, (_, at) => at);
  const inodeOf = (generation: number) =>
    statSync(partPath(directory, name, generation), { throwIfNoEntry: false })?.ino;
  return {
    inodes() {
      return [...new Set(numbers.toReversed().flatMap((generation) => inodeOf(generation) ?? []))];
    },
    open(inode) {
      for (const generation of numbers) {
        if (inodeOf(generation) !== inode) continue;
        const file = openLineFile(partPath(directory, name, generation), rule);
        if (file?.inode === inode) return { file, generation };
        file?.[Symbol.dispose]();
      }
      return undefined;
    },
  };
}
