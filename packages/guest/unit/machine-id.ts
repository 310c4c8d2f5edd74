import { readFileSync } from 'node:fs';

/** machine-id(5); empty when there is none. */
export function machineId(): string {
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    return ''; // expected: an image has none, and somebody may have removed it
  }
}
