import { describe } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { startOperation } from '@bhatti/base/operation.ts';
import { isFirewallLoaded, loadFirewall } from '../network/firewall.ts';
import { admitAtNeighbours } from '../network/neighbour-rules.ts';
import type { ContainerContext } from './context.ts';
import { placesOf } from './owner-network.ts';

const intervalMs = 5_000; // one short-lived program each time: under 0.1 % of a core
const timeoutMs = 20_000;

/**
 * Looks after the rules that keep sandboxes apart: restarting the host's own firewall (`nft flush ruleset`, `ufw reload`) takes everybody's away, and sandboxes run on.
 */
export function guardFirewall(context: ContainerContext): Disposable {
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    void look(context).finally(() => (isBusy = false));
  }, intervalMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function look(context: ContainerContext): Promise<void> {
  const places = placesOf(context);
  if (places.length === 0) return;
  using op = startOperation({ timeoutMs });
  try {
    if (await isFirewallLoaded(op, context.names)) return;
    await loadFirewall(op, context.names, placesOf(context));
    await admitAtNeighbours(op, context.config.instance);
    announce('sandbox:reconcile', { what: 'firewall', message: 'somebody had removed the rules; they are back' });
  } catch (error) {
    announce('daemon:error', { what: 'firewall', message: describe(error) });
  }
}
