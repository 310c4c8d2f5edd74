import { CodedError } from '@bhatti/base/errors.ts';
import {
  ImageBuildEventSchema,
  ImageListSchema,
  type Image,
  type ImageBuildEvent,
} from '@bhatti/wire/control/image.ts';
import { decodeError } from '@bhatti/wire/error.ts';

import type { Api } from './api.ts';
import type { Caller } from './transport.ts';

export type ImageBuildProgress = Extract<ImageBuildEvent, { type: 'progress' | 'log' }>;

export function imageCalls(api: Api) {
  return {
    list: (caller: Caller): Promise<Image[]> => api.call(caller, ImageListSchema, { method: 'GET', path: '/images' }),
    async delete(caller: Caller, name: string): Promise<void> {
      await api.request(caller, { method: 'DELETE', path: `/images/${encodeURIComponent(name)}` });
    },
    /** Builds the tier `name`, or answers at once when its recipe and packages have not changed. */
    async build(caller: Caller, name: string, onProgress: (event: ImageBuildProgress) => void): Promise<Image> {
      const response = await api.request(caller, {
        method: 'POST',
        path: '/images/build',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      for await (const event of api.documents(caller, ImageBuildEventSchema, response)) {
        if (event.type === 'done') return event.image;
        if (event.type === 'error') throw decodeError(event, 'the image build');
        onProgress(event);
      }
      throw new CodedError('CONNECTION_LOST', `cannot build image "${name}": the daemon went away`, {
        peer: 'the daemon',
      });
    },
  };
}
