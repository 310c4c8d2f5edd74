/**
 * Waits until `predicate` answers something other than false or undefined, and gives that back. Its time-out prints what was last seen.
 * The time-out is a guard against hanging, never an expectation about speed.
 */
export async function until<T>(
  predicate: () => T | Promise<T>,
  describe: () => unknown = () => 'nothing more is known',
  timeoutMs = 20_000,
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await predicate();
    // SAFETY: the two values that are excluded were just ruled out.
    if (seen !== false && seen !== undefined) return seen as Exclude<T, false | undefined>;
    if (performance.now() > deadline)
      throw new Error(`it did not come about within ${timeoutMs} ms; last seen: ${String(await describe())}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
