import { hasCode, toCodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';

import { run } from '../process/run.ts';
import type { Finding, HostPlaces } from './finding.ts';
import { tryReadTrimmed } from './proc-file.ts';

/** Whether the kernel knows nftables; that the program is there, the tools' probe says. */
export async function probeFirewall(op: Operation): Promise<Finding> {
  const subject = 'nftables';
  const tables = await tryNft(op, ['list', 'tables']);
  if (tables.kind === 'ok') return { subject, level: 'ok', found: 'the kernel has it' };
  if (tables.kind === 'absent' || process.getuid?.() !== 0)
    return { subject, level: 'warn', found: 'not looked at', advice: 'see "nft" and "root" above' };
  return { subject, level: 'missing', found: tables.why, advice: 'use a kernel with nf_tables (modprobe nf_tables)' };
}

/**
 * Routing for sandboxes. The daemon switches it on; what it cannot do is talk others' rules out of dropping what is routed, since with nftables a packet must please
 * every table.
 */
export async function probeForwarding(op: Operation): Promise<Finding> {
  const subject = 'forwarding';
  const isOn = tryReadTrimmed('/proc/sys/net/ipv4/ip_forward') === '1';
  const found = isOn ? 'on' : 'off; the daemon switches it on';
  const rules = await tryNft(op, ['list', 'chain', 'ip', 'filter', 'FORWARD']);
  if (rules.kind === 'ok' && /policy drop/.test(rules.text))
    return {
      subject,
      level: 'warn',
      found: `${found}; another program's rules (Docker's or ufw's) drop what they do not know`,
      advice:
        'if sandboxes reach no internet: iptables -I FORWARD -i "bhatti+" -j ACCEPT; iptables -I FORWARD -o "bhatti+" -j ACCEPT',
    };
  return { subject, level: 'ok', found };
}

type NftAnswer =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly why: string };

async function tryNft(op: Operation, args: readonly string[]): Promise<NftAnswer> {
  try {
    return { kind: 'ok', text: (await run(op, ['nft', ...args])).stdout };
  } catch (error) {
    if (hasCode(error, 'TOOL_MISSING')) return { kind: 'absent' };
    if (hasCode(error, 'COMMAND_FAILED')) return { kind: 'failed', why: toCodedError(error).message };
    throw error;
  }
}

/** The daemon, or room for it. */
export async function probePort({ socket, listen }: HostPlaces): Promise<Finding> {
  const version = await daemonVersion(socket);
  if (version !== undefined) return { subject: 'daemon', level: 'ok', found: `running, version ${version}` };
  const where = `${listen.host}:${listen.port}`;
  if (await isTaken(listen))
    return {
      subject: 'daemon',
      level: 'warn',
      found: `not running, and another program listens on ${where}`,
      advice: 'stop that one, or start the daemon elsewhere: BHATTI_LISTEN=127.0.0.1:8081 bhatti serve',
    };
  return {
    subject: 'daemon',
    level: 'warn',
    found: `not running; ${where} is free`,
    advice: 'start it with "sudo bhatti serve"',
  };
}

async function daemonVersion(socket: string): Promise<string | undefined> {
  try {
    const response = await fetch('http://bhatti/health', { unix: socket, signal: AbortSignal.timeout(2_000) });
    const health: unknown = await response.json();
    if (typeof health !== 'object' || health === null || !('version' in health)) return undefined;
    return String(health.version);
  } catch {
    return undefined; // expected: nothing listens there, or somebody else does
  }
}

async function isTaken({ host, port }: HostPlaces['listen']): Promise<boolean> {
  try {
    Bun.listen({ hostname: host, port, socket: { data() {} } }).stop(true);
    return false;
  } catch {
    return true; // expected: EADDRINUSE, or EACCES for a low port
  }
}
