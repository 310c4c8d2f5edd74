// A stand-in for the net outside: a network namespace behind an interface of the host, with a server on a public and on a private address.
import { randomHex } from '@bhatti/base/ids.ts';

export interface StandIn extends Disposable {
  readonly publicAddress: string;
  readonly privateAddress: string;
  readonly port: number;
}

const port = 4242;

/** Serves its client's address on both addresses. The public one is of a range that nobody announces on the internet. */
export function openStandIn(): StandIn {
  const name = `bt${randomHex(3)}`;
  const [publicPrefix, privatePrefix] = ['25.110.77', '172.30.77'];
  const inside = [
    'link set lo up',
    `addr add ${publicPrefix}.2/30 dev out`,
    `addr add ${privatePrefix}.2/30 dev out`,
    'link set out up',
    `route add default via ${publicPrefix}.1`,
  ];
  must(`ip netns add ${name}`);
  try {
    must(`ip link add ${name} type veth peer name out netns ${name}`);
    must(`ip addr add ${publicPrefix}.1/30 dev ${name}`);
    must(`ip addr add ${privatePrefix}.1/30 dev ${name}`);
    must(`ip link set ${name} up`);
    for (const line of inside) must(`ip -n ${name} ${line}`);
  } catch (error) {
    Bun.spawnSync(['ip', 'netns', 'delete', name]);
    throw error;
  }
  const script = `require('node:net').createServer((c) => c.end(c.remoteAddress)).listen(${port}, '0.0.0.0')`;
  const server = Bun.spawn(['ip', 'netns', 'exec', name, process.execPath, '-e', script], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return {
    publicAddress: `${publicPrefix}.2`,
    privateAddress: `${privatePrefix}.2`,
    port,
    [Symbol.dispose]() {
      server.kill('SIGKILL');
      Bun.spawnSync(['ip', 'netns', 'delete', name]);
      Bun.spawnSync(['ip', 'link', 'delete', name]);
    },
  };
}

function must(command: string): void {
  const result = Bun.spawnSync(command.split(' '), { stdio: ['ignore', 'ignore', 'pipe'] });
  if (!result.success) throw new Error(`${command}: ${result.stderr.toString()}`);
}
