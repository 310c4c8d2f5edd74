/** Not written yet. */
export function main(_args: readonly string[]): number {
  return 70;
}
