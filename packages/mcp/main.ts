import type { Api } from '@bhatti/client/api.ts';

import { accessOf } from './access/access.ts';
import { daemonOf } from './daemon.ts';
import { parseSize } from './space.ts';
import type { ToolContext } from './tool.ts';

export interface McpWish {
  readonly api: Api;
  /** Of the command line, as written; undefined where not given. */
  readonly allow: readonly string[] | undefined;
  readonly sandboxes: readonly string[] | undefined;
  readonly space: string | undefined;
  /** Where to serve HTTP; standard input and output without it. */
  readonly http: McpHttpWish | undefined;
}

export interface McpHttpWish {
  readonly address: string;
  readonly names: readonly string[];
  readonly token: string | undefined;
  readonly onListening: (listening: McpListening) => Promise<void>;
}

export interface McpListening {
  readonly url: string;
  readonly token: string;
  /** It was made up here, and nobody knows it yet. */
  readonly isGenerated: boolean;
  /** Whoever is between can read all of it. */
  readonly isExposed: boolean;
}

/** `bhatti mcp`. Refuses what it was told before it serves anybody. Ends when its client does, or by a signal. */
export async function serveMcp(wish: McpWish): Promise<void> {
  const { api, allow, sandboxes, space, http } = wish;
  const context: ToolContext = {
    daemon: daemonOf(api),
    access: accessOf({ allow, sandboxes }),
    space: space === undefined ? undefined : parseSize(space),
  };
  if (http !== undefined) return serveByHttp(context, http);
  const { serveStdio } = await import('./stdio/serve.ts');
  await serveStdio(context);
}

async function serveByHttp(context: ToolContext, http: McpHttpWish): Promise<void> {
  const [{ serveHttp }, { checkedHostName, isLoopback, parseHttpAddress }, { tokenFrom }] = await Promise.all([
    import('./http/serve.ts'),
    import('./http/address.ts'),
    import('./http/token.ts'),
  ]);
  const token = tokenFrom(http.token);
  const address = parseHttpAddress(http.address);
  const isGenerated = http.token === undefined;
  const isExposed = !isLoopback(address.host);
  await serveHttp(context, {
    address,
    names: http.names.map(checkedHostName),
    token,
    onListening: (url) => http.onListening({ url, token, isGenerated, isExposed }),
  });
}
