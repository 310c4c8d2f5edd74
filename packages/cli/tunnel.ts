import type { PublishRule } from '@bhatti/wire/control/publish.ts';

/**
 * The line that makes a published URL work on the machine where the person sits; undefined where that is this one. The daemon knows the port, but only this side knows by which
 * account and address the person came in.
 */
export function tunnelLine(rule: PublishRule, env: Readonly<Record<string, string | undefined>>): string | undefined {
  const [, , address, sshPort] = (env['SSH_CONNECTION'] ?? '').split(' ');
  if (rule.tunnel === undefined || address === undefined) return undefined;
  const forward = /^ssh -L \S+/.exec(rule.tunnel)?.[0];
  if (forward === undefined) return rule.tunnel;
  const account = env['SUDO_USER'] ?? env['USER'] ?? env['LOGNAME'] ?? 'root';
  const port = sshPort === undefined || sshPort === '22' ? '' : ` -p ${sshPort}`;
  return `${forward}${port} ${account}@${address}`;
}
