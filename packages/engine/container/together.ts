/**
 * Waits for all of them, then throws the first failure: what is undone afterwards is never still being made. (Promise.all rejects while the others go on.)
 */
export async function together(tasks: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(tasks);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
