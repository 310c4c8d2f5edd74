import type { SandboxStatus } from '@bhatti/engine/engine.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { openEngineHost, type EngineHost } from '../../support/engine-host.ts';
import { openStandIn, type StandIn } from '../../support/engine-internet.ts';
import { enginesUnderTest } from '../../support/engine-list.ts';
import { until } from '../../support/until.ts';

for (const subject of enginesUnderTest) {
  describe(`network of a sandbox (${subject.name})`, () => {
    let host: EngineHost;
    let internet: StandIn;
    let ann: SandboxStatus;
    let ben: SandboxStatus;
    let eve: SandboxStatus;
    beforeAll(async () => {
      host = await openEngineHost(subject);
      internet = openStandIn();
      [ann, ben, eve] = await Promise.all([
        host.launch({ name: 'ann', owner: 'alice' }),
        host.launch({ name: 'Ben_2', owner: 'alice' }),
        host.launch({ name: 'eve', owner: 'mallory' }),
      ]);
      for (const { id } of [ann, ben, eve]) await serveInside(host, id);
    });
    afterAll(async () => {
      internet[Symbol.dispose]();
      await host[Symbol.asyncDispose]();
    });

    const outputOf = async (of: SandboxStatus, command: string) => (await host.run(of.id, command)).output.trim();
    /** What a server says to a sandbox; empty where it cannot be reached. */
    const hear = async (from: SandboxStatus, address: string, port: number) =>
      await outputOf(from, `nc -w 2 ${address} ${port} </dev/null 2>/dev/null || true`);

    test('the host reaches a server inside', async () => {
      expect(await hearFromHost(ann.address, insidePort)).toBe('inside');
    });

    test('the net outside is reached, from the host’s address', async () => {
      await until(async () => (await hear(ann, internet.publicAddress, internet.port)) !== '');
      const seen = await hear(ann, internet.publicAddress, internet.port);
      expect(seen).toMatch(/^25\.110\.77\.1$/);
    });

    test('private ranges are not, though the host could', async () => {
      expect(await hearFromHost(internet.privateAddress, internet.port)).not.toBe('');
      expect(await hear(ann, internet.privateAddress, internet.port)).toBe('');
      expect(await hear(ann, '169.254.169.254', 80)).toBe('');
    });

    test('services of the host are not reached by any of its addresses', async () => {
      const server = createServer((socket) => socket.end('the host')).listen(0, '0.0.0.0');
      await new Promise((resolve) => server.once('listening', resolve));
      // SAFETY: a server that listens on TCP has such an address.
      const { port } = server.address() as AddressInfo;
      const own = Object.values(networkInterfaces())
        .flatMap((list) => list ?? [])
        .filter(({ family }) => family === 'IPv4');
      expect(own.map(({ address }) => address)).toContain(ann.gateway);
      for (const { address } of own) {
        expect(await hearFromHost(address, port)).toBe('the host');
        expect(await hear(ann, address, port), address).toBe('');
      }
      server.close();
    });

    test('sandboxes of one owner reach each other, those of others do not', async () => {
      expect(await hear(ann, ben.address, insidePort)).toBe('inside');
      expect(await hear(ben, ann.address, insidePort)).toBe('inside');
      expect(await hear(eve, ann.address, insidePort)).toBe('');
      expect(await hear(ann, eve.address, insidePort)).toBe('');
      expect((await host.run(eve.id, `ping -c 1 -W 1 ${ann.address}`)).exitCode).not.toBe(0);
      expect((await host.run(eve.id, `ping -c 1 -W 1 ${ann.gateway}`)).exitCode).not.toBe(0);
      expect((await host.run(eve.id, `ping -c 1 -W 1 ${eve.gateway}`)).exitCode).toBe(0);
    });

    test('siblings have names, and only siblings', async () => {
      const lookUp = (from: SandboxStatus, name: string) =>
        outputOf(from, `nslookup ${name} ${from.gateway} 2>&1 || true`);
      expect(await lookUp(ann, 'ben-2')).toContain(ben.address);
      expect(await lookUp(ben, 'ANN')).toContain(ann.address);
      expect(await lookUp(ann, ben.address)).toContain('ben-2');
      expect(await lookUp(eve, 'ann')).toContain('NXDOMAIN');
      expect(await lookUp(eve, ann.address)).toContain('NXDOMAIN');
      // The resolver of another owner's network does not answer at all.
      expect(await outputOf(eve, `nslookup ann ${ann.gateway} 2>&1 || true`)).not.toContain(ann.address);
    });

    test('another address than its own gets nowhere', async () => {
      const forged = ann.address.replace(/\d+$/, '99');
      const pid = await initPid(host, ann);
      const inNamespace = (...argv: string[]) => Bun.spawnSync(['nsenter', '-t', String(pid), '-n', ...argv]).success;
      expect(inNamespace('ip', 'addr', 'add', `${forged}/24`, 'dev', 'eth0')).toBe(true);
      expect(inNamespace('busybox', 'ping', '-c', '1', '-W', '1', ben.address)).toBe(true);
      expect(inNamespace('busybox', 'ping', '-c', '1', '-W', '1', '-I', forged, ben.address)).toBe(false);
      expect(inNamespace('busybox', 'ping', '-c', '1', '-W', '1', '-I', forged, ann.gateway)).toBe(false);
    });

    test('there is no IPv6 to the outside', async () => {
      expect(await outputOf(ann, 'ip -6 addr show dev eth0')).toBe('');
      const bridges = Object.entries(networkInterfaces()).filter(([name]) => name.startsWith(host.config.instance));
      expect(bridges.length).toBeGreaterThan(0);
      for (const [, list] of bridges) expect((list ?? []).map(({ family }) => family)).not.toContain('IPv6');
    });

    test('when somebody flushes the rules of the host, the next start brings all of them back', async () => {
      for (const family of ['inet', 'bridge']) Bun.spawnSync(['nft', 'delete', 'table', family, host.config.instance]);
      const late = await host.launch({ name: 'late', owner: 'alice' });
      expect(await hear(eve, ann.address, insidePort)).toBe('');
      expect(await hear(ann, ben.address, insidePort)).toBe('inside');
      expect(await hear(late, internet.privateAddress, internet.port)).toBe('');
      await host.engine().destroy(host.op, late.id);
      expect(await hear(ann, ben.address, insidePort)).toBe('inside');
    });

    test('and without one, they are back in a moment', async () => {
      for (const family of ['inet', 'bridge']) Bun.spawnSync(['nft', 'delete', 'table', family, host.config.instance]);
      expect(await hear(eve, ann.address, insidePort)).toBe('inside');
      await until(async () => (await hear(eve, ann.address, insidePort)) === '');
      expect(await hear(ann, ben.address, insidePort)).toBe('inside');
    });

    test('addresses and names hold after a restart of the daemon', async () => {
      await host.reopen();
      expect(await outputOf(ann, `nslookup ben-2 ${ann.gateway} 2>&1 || true`)).toContain(ben.address);
      expect(await hear(eve, ann.address, insidePort)).toBe('');
    });
  });
}

const insidePort = 7777;

async function serveInside(host: EngineHost, id: SandboxStatus['id']): Promise<void> {
  await host.run(id, `(nc -ll -p ${insidePort} -e /bin/echo inside) >/dev/null 2>&1 &`);
  await until(
    async () => (await host.run(id, `nc -w 1 127.0.0.1 ${insidePort} </dev/null`)).output.trim() === 'inside',
  );
}

function hearFromHost(address: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: address, port });
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on('error', () => resolve(text.trim()));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('close', () => resolve(text.trim()));
  });
}

/** The sandbox's first program by its number here: the one in whose network namespace its address is. */
async function initPid(host: EngineHost, { id, address }: SandboxStatus): Promise<number> {
  const processes = Bun.spawnSync(['ps', '-e', '-o', 'pid=,args=']).stdout.toString().split('\n');
  for (const line of processes.filter((text) => text.includes('/agent.ts'))) {
    const pid = Number.parseInt(line, 10);
    if (
      Bun.spawnSync(['nsenter', '-t', String(pid), '-n', 'ip', '-4', '-o', 'addr'])
        .stdout.toString()
        .includes(` ${address}/`)
    )
      return pid;
  }
  throw new Error(`no process of sandbox ${id} is found on ${host.config.instance}`);
}
