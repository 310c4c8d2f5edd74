import { desktopStatus, waitDrawn } from '../agent-link/observe.ts';
import { withSandbox, type ApiContext } from './context.ts';
import { sendJson, type ApiExchange } from './exchange.ts';

const longestWaitMs = 300_000;
const usualWaitMs = 30_000;

/** `GET /sandboxes/:id/desktop`, and with `?wait=drawn&timeoutMs=N` when it is drawn. */
export async function getDesktop(context: ApiContext, exchange: ApiExchange): Promise<void> {
  const { op, query } = exchange;
  const asked = Number(query.get('timeoutMs') ?? usualWaitMs);
  const timeoutMs = Number.isFinite(asked) ? Math.min(Math.max(0, asked), longestWaitMs) : usualWaitMs;
  const status = await withSandbox(context, exchange, (entry) =>
    query.get('wait') === 'drawn' ? waitDrawn(op, entry.link, timeoutMs) : desktopStatus(op, entry.link),
  );
  sendJson(exchange, 200, status);
}
