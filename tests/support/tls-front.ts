import { readFileSync } from 'node:fs';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket } from 'node:tls';

/** Something that speaks TLS for `localhost` in front of a port of this machine. Its certificate is its own. */
export async function tlsFront(dir: string, port: number): Promise<{ url: string; ca: string } & AsyncDisposable> {
  const [key, ca] = [join(dir, 'tls-key.pem'), join(dir, 'tls-cert.pem')];
  const words = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = Bun.spawnSync(['openssl', 'req', ...words, ...names, '-keyout', key, '-out', ca], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (made.exitCode !== 0) throw new Error(made.stderr.toString());
  const open = new Set<TLSSocket>();
  const server = createServer({ key: readFileSync(key), cert: readFileSync(ca) }, (socket) => {
    const behind = connect(port, '127.0.0.1');
    open.add(socket);
    behind.on('error', () => socket.destroy()).on('close', () => socket.destroySoon());
    socket.on('error', () => behind.destroy()).on('close', () => behind.destroy());
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // SAFETY: a TCP server that listens has such an address.
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `https://localhost:${own}`,
    ca,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
