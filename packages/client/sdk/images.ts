import type { Calls, CallOptions } from './calls.ts';

/** What sandboxes can be made of. */
export interface ImageInfo {
  readonly name: string;
  readonly digest: string;
  readonly sizeMb: number;
  readonly createdAt: Date;
  /** How many sandboxes stand on it. */
  readonly sandboxes: number;
}

export class Images {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  list(options: CallOptions = {}): Promise<ImageInfo[]> {
    return this.#calls.repeat(options, async (op) => {
      const images = await (await this.#calls.client.images()).list(op);
      return images.map(({ name, digest, size_mb, created_at, sandboxes }) => ({
        name,
        digest,
        sizeMb: size_mb,
        createdAt: new Date(created_at),
        sandboxes,
      }));
    });
  }
}
