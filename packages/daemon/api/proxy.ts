import { passExchange } from '../relay/exchange.ts';
import { endToEnd, forwardedHeaders, forwardedNames } from '../relay/headers.ts';
import { passUpgrade } from '../relay/upgrade.ts';
import { withSandbox, type ApiContext } from './context.ts';
import { portParam, type ApiExchange, type Exchange, type UpgradeExchange } from './exchange.ts';

/** `ANY /sandboxes/:id/proxy/:port/*`: a port of the sandbox for programs that hold the API's key. */
export async function proxyPort(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const port = portParam(exchange.params['port']);
  await withSandbox(context, exchange, (entry) =>
    passExchange(exchange.asked, exchange.reply, {
      pools: entry.link.portPools(port),
      path: onwardPath(exchange),
      headers: onwardHeaders(exchange),
      // This host's name is shared by every port of the machine, so no cookie is ever set on it.
      dropFromReply: ['set-cookie'],
    }),
  );
}

export async function upgradePort(context: ApiContext, exchange: UpgradeExchange): Promise<void> {
  const port = portParam(exchange.params['port']);
  await withSandbox(context, exchange, (entry) =>
    passUpgrade(exchange.upgrade, {
      fresh: entry.link.portPools(port).fresh,
      path: onwardPath(exchange),
      headers: onwardHeaders(exchange),
    }),
  );
}

/** What follows the port, as it was written: what `%2F` means is for the program behind to say. */
export function onwardPath({ asked }: Pick<Exchange, 'asked'>): string {
  const rest = /^\/sandboxes\/[^/?]+\/proxy\/\d+(.*)$/s.exec(asked.url ?? '')?.[1] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function onwardHeaders({ asked, transport }: Exchange): string[] {
  const drop = [...forwardedNames, 'expect', 'content-length'];
  const host = asked.headers.host ?? '';
  return [
    // On TCP the key came in this field, and it is none of the sandbox's business.
    ...endToEnd(asked.rawHeaders, transport === 'tcp' ? [...drop, 'authorization'] : drop),
    ...forwardedHeaders({ peerAddress: asked.socket.remoteAddress ?? '127.0.0.1', scheme: 'http', host }),
  ];
}
