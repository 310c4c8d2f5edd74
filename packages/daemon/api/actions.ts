import { passExchange } from '../relay/exchange.ts';
import { endToEnd } from '../relay/headers.ts';
import { passUpgrade } from '../relay/upgrade.ts';
import { withSandbox, type ApiContext } from './context.ts';
import type { ApiExchange, Exchange, UpgradeExchange } from './exchange.ts';

/** `POST /sandboxes/:id/actions`: a batch goes to the sandbox's display server as it is, and its reply comes back as it is. */
export async function postActions(context: ApiContext, exchange: ApiExchange): Promise<void> {
  await passToDesktop(context, exchange, '/actions');
}

/** `GET /sandboxes/:id/screenshot?format=…`: a picture file, with the query that the display server knows. */
export async function getScreenshot(context: ApiContext, exchange: ApiExchange): Promise<void> {
  await passToDesktop(context, exchange, `/screenshot?${exchange.query.toString()}`);
}

/** `GET /sandboxes/:id/lease`, with `?wait=free&timeoutMs=N` once no person has the input: who has it, and what became of it lately. */
export async function getLease(context: ApiContext, exchange: ApiExchange): Promise<void> {
  await passToDesktop(context, exchange, `/lease?${exchange.query.toString()}`);
}

/** `POST /sandboxes/:id/lease`: an agent asks for help, or for the input. */
export async function postLease(context: ApiContext, exchange: ApiExchange): Promise<void> {
  await passToDesktop(context, exchange, '/lease');
}

/** `GET /sandboxes/:id/actions` as a WebSocket: a batch a message. */
export async function upgradeActions(context: ApiContext, exchange: UpgradeExchange): Promise<void> {
  await withSandbox(context, exchange, (entry) =>
    passUpgrade(exchange.upgrade, {
      fresh: entry.link.desktopPools.fresh,
      path: '/actions',
      headers: onwardHeaders(exchange),
    }),
  );
}

/** `/sandboxes/:id/trajectories[/NAME[/FILE]]`. */
export async function passTrajectories(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const parts = ['name', 'file'].map((key) => exchange.params[key]).filter((part) => part !== undefined);
  await passToDesktop(context, exchange, ['/trajectories', ...parts.map(encodeURIComponent)].join('/'));
}

async function passToDesktop(context: ApiContext, exchange: ApiExchange, path: string): Promise<void> {
  // Whatever answers in a sandbox is the sandbox's word: it must not run as a page of this host.
  exchange.reply.setHeader('X-Content-Type-Options', 'nosniff');
  exchange.reply.setHeader('Content-Security-Policy', 'sandbox');
  await withSandbox(context, exchange, (entry) =>
    passExchange(exchange.asked, exchange.reply, {
      pools: entry.link.desktopPools,
      path,
      headers: onwardHeaders(exchange),
      dropFromReply: ['set-cookie', 'x-content-type-options', 'content-security-policy'],
    }),
  );
}

/** Without who asked: the key, cookies and origin were for this API. */
function onwardHeaders({ asked }: Exchange): string[] {
  return ['Host', 'display', ...endToEnd(asked.rawHeaders, dropped)];
}

const dropped = ['authorization', 'cookie', 'host', 'origin', 'referer', 'expect', 'content-length', 'forwarded'];
