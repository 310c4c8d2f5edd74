import { Api } from './api.ts';
import { desktopCalls } from './desktop.ts';
import { execCalls } from './exec.ts';
import { fileCalls } from './files.ts';
import { healthCalls } from './health.ts';
import { httpTransport, type HttpOptions } from './http.ts';
import { imageCalls } from './image.ts';
import { portCalls } from './port.ts';
import { publishCalls } from './publish.ts';
import { sandboxCalls } from './sandbox.ts';
import type { Transport } from './transport.ts';
import { userCalls } from './user.ts';

export type ConnectOptions = HttpOptions | { readonly transport: Transport };
export type Client = ReturnType<typeof connect>;

/**
 * A client of one daemon: `connect({ url, token })`. Nothing is sent before the first call. Every failure is a CodedError; every call takes first who may
 * stop it: an Operation, or an `AbortController`.
 */
export function connect(options: ConnectOptions) {
  const api = new Api('transport' in options ? options.transport : httpTransport(options));
  return {
    sandboxes: sandboxCalls(api),
    exec: execCalls(api),
    files: fileCalls(api),
    ports: portCalls(api),
    publish: publishCalls(api),
    images: imageCalls(api),
    desktop: desktopCalls(api),
    users: userCalls(api),
    health: healthCalls(api),
  };
}
