/**
 * Where a worker's script is, by its path in this repository: for `new Worker(…)`. In the compiled executable everything is one file at the root of a made-up file system, and the worker scripts are
 * beside it under their paths from the repository's root; so a URL relative to the module that starts the worker is right only when run from source.
 */
export function workerScript(pathInRepository: `packages/${string}.worker.ts`): string {
  const base = import.meta.url.includes('/$bunfs/') ? './' : '../../../';
  return new URL(base + pathInRepository, import.meta.url).href;
}
