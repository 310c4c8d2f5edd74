import { plainLine } from '@bhatti/base/bytes.ts';

import type { CdpEvent } from '../../cdp/connection.ts';
import { numberAt, textAt } from '../../cdp/json.ts';

/** As `state_changes` of the API has it. */
export type DownloadChange =
  | { type: 'download_started'; download_id: string; url: string }
  | { type: 'download_completed'; download_id: string; url: string; path?: string; size_bytes?: number }
  | { type: 'download_failed'; download_id: string; url: string; error?: string };

const maxKnown = 200;
const maxUrlLength = 2_000;

/** What downloads did since it was last asked: the latest of each. */
export class Downloads {
  readonly #urls = new Map<string, string>();
  #changes = new Map<string, DownloadChange>();
  readonly #showsPaths: boolean;

  constructor(options: { readonly showsPaths: boolean }) {
    this.#showsPaths = options.showsPaths;
  }

  take(): DownloadChange[] {
    const changes = [...this.#changes.values()];
    this.#changes = new Map();
    return changes;
  }

  note({ method, params }: CdpEvent): void {
    const id = textAt(params, 'guid');
    if (id === undefined) return;
    if (method === 'Browser.downloadWillBegin') {
      if (this.#urls.size === maxKnown) this.#urls.clear();
      const url = plainLine(textAt(params, 'url') ?? '', maxUrlLength);
      this.#urls.set(id, url);
      this.#changes.set(id, { type: 'download_started', download_id: id, url });
    } else if (method === 'Browser.downloadProgress') {
      const change = this.#ended(id, params);
      if (change !== undefined) this.#changes.set(id, change);
    }
  }

  #ended(id: string, params: CdpEvent['params']): DownloadChange | undefined {
    const url = this.#urls.get(id);
    if (url === undefined) return undefined;
    const path = textAt(params, 'filePath');
    const size = numberAt(params, 'receivedBytes');
    if (textAt(params, 'state') === 'canceled')
      return { type: 'download_failed', download_id: id, url, error: 'canceled' };
    if (textAt(params, 'state') !== 'completed') return undefined;
    return {
      type: 'download_completed',
      download_id: id,
      url,
      ...(path === undefined || !this.#showsPaths ? {} : { path }),
      ...(size === undefined ? {} : { size_bytes: size }),
    };
  }
}
