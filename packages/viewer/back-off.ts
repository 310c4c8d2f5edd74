const firstMs = 250; // a display server that is started again answers within half a second
const longestMs = 5_000; // a person who watches a desktop come back does not notice five seconds; a server notices fifty viewers at once

/**
 * How long to wait before the attempt after `failures` failed ones: doubled each time up to a limit, and spread by up to a quarter either way, so that the viewers of
 * one desktop do not return in step. `random` is in 0..1.
 */
export function backOffMs(failures: number, random: number): number {
  const plain = Math.min(longestMs, firstMs * 2 ** Math.min(failures, 10));
  return Math.round(plain * (0.75 + random / 2));
}
