import { readSync } from 'node:fs';
import { enterRawMode } from './raw-mode.ts';

const [interrupt, endOfInput, backspace, deleteKey] = [0x03, 0x04, 0x08, 0x7f];

/**
 * Reads one line from standard input; at a terminal it is not shown. Undefined at the end of input and on Ctrl-C. Reads byte by byte, so that what follows the line stays for the next reader.
 */
export function readSecretLine(prompt: string): string | undefined {
  if (!process.stdin.isTTY) return readLine((bytes) => bytes);
  process.stderr.write(prompt);
  try {
    using _raw = enterRawMode(0);
    return readLine(editLine);
  } finally {
    process.stderr.write('\n');
  }
}

// Raw mode has no line editing of its own: take back the last character, or give up.
function editLine(bytes: number[], key: number): number[] | undefined {
  if (key === interrupt || key === endOfInput) return undefined;
  if (key !== backspace && key !== deleteKey) return bytes;
  bytes.pop(); // the key itself
  const text = Buffer.from(bytes).toString();
  return [...Buffer.from(Array.from(text).slice(0, -1).join(''))];
}

function readLine(edit: (bytes: number[], key: number) => number[] | undefined): string | undefined {
  let bytes: number[] = [];
  const one = Buffer.alloc(1);
  for (;;) {
    if (readSync(0, one, 0, 1, null) === 0) return bytes.length === 0 ? undefined : Buffer.from(bytes).toString();
    const key = one[0] ?? 0;
    if (key === 0x0a || key === 0x0d) return Buffer.from(bytes).toString();
    bytes.push(key);
    const edited = edit(bytes, key);
    if (edited === undefined) return undefined;
    bytes = edited;
  }
}
