import { hasCode } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { run } from '@bhatti/sys/process/run.ts';

/**
 * Docker and ufw drop what they do not know, in iptables' own chains: a packet must pass those as well as our tables, and no rule of ours can overrule a drop of theirs. So where the host has such rules,
 * what our tables let through is let through there too. It opens nothing: our tables, asked first, have dropped the rest.
 */
export async function admitAtNeighbours(op: Operation, instance: string): Promise<void> {
  const present = await listRules(op);
  if (present === undefined || !hasPolicy(present)) return;
  for (const { chain, match } of rulesFor(instance)) {
    const rule = [chain, ...match, ...mark(instance), '-j', 'ACCEPT'];
    const check = await run(op, ['iptables', '-w', '-C', ...rule], { okExitCodes: [0, 1] });
    if (check.exitCode !== 0) await run(op, ['iptables', '-w', '-I', ...rule]);
  }
}

/** Takes those rules out again. */
export async function leaveNeighbours(op: Operation, instance: string): Promise<void> {
  const present = await listRules(op);
  if (present?.includes(markText(instance)) !== true) return;
  for (const { chain, match } of rulesFor(instance))
    await run(op, ['iptables', '-w', '-D', chain, ...match, ...mark(instance), '-j', 'ACCEPT'], {
      okExitCodes: [0, 1],
    });
}

interface NeighbourRule {
  readonly chain: 'FORWARD' | 'INPUT';
  readonly match: readonly string[];
}

function rulesFor(instance: string): NeighbourRule[] {
  const bridges = `${instance}+`;
  return [
    { chain: 'FORWARD', match: ['-i', bridges] },
    { chain: 'FORWARD', match: ['-o', bridges, '-m', 'conntrack', '--ctstate', 'RELATED,ESTABLISHED'] },
    { chain: 'INPUT', match: ['-i', bridges, '-p', 'udp', '--dport', '53'] },
    { chain: 'INPUT', match: ['-i', bridges, '-p', 'tcp', '--dport', '53'] },
    { chain: 'INPUT', match: ['-i', bridges, '-p', 'icmp', '--icmp-type', 'echo-request'] },
  ];
}

function mark(instance: string): string[] {
  return ['-m', 'comment', '--comment', markText(instance)];
}

function markText(instance: string): string {
  return `bhatti:${instance}`;
}

/** The rules of iptables' filter table; undefined where the host has no iptables, or none that works. */
async function listRules(op: Operation): Promise<string | undefined> {
  try {
    return (await run(op, ['iptables', '-w', '-S'])).stdout;
  } catch (error) {
    if (hasCode(error, 'TOOL_MISSING') || hasCode(error, 'COMMAND_FAILED')) return undefined;
    throw error;
  }
}

/** Whether anybody uses the table: an empty one with policies of ACCEPT stops nothing. */
export function hasPolicy(rules: string): boolean {
  return rules.split('\n').some((line) => line !== '' && !/^-P \S+ ACCEPT$/.test(line));
}
