import type { Api } from '../api.ts';

/** The groups of calls, each loaded when it is first used: their schemas cost more than all the rest of the SDK. */
export function lazyClient(openApi: () => Promise<Api>) {
  const api = once(openApi);
  return {
    api,
    sandboxes: once(async () => (await import('../sandbox.ts')).sandboxCalls(await api())),
    exec: once(async () => (await import('../exec.ts')).execCalls(await api())),
    files: once(async () => (await import('../files.ts')).fileCalls(await api())),
    ports: once(async () => (await import('../port.ts')).portCalls(await api())),
    publish: once(async () => (await import('../publish.ts')).publishCalls(await api())),
    images: once(async () => (await import('../image.ts')).imageCalls(await api())),
    desktop: once(async () => (await import('../desktop.ts')).desktopCalls(await api())),
    health: once(async () => (await import('../health.ts')).healthCalls(await api())),
  };
}

export type LazyClient = ReturnType<typeof lazyClient>;

/** Loads at most once; a failure is not kept. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}
