import { concatBytes } from '@bhatti/base/bytes.ts';
import { measure } from '@bhatti/base/measure.ts';
import { connect } from 'node:tls';
import { Duplex } from 'node:stream';

import { openTlsAcceptor } from './tls.ts';
import { makeTlsIdentity } from './tls-identity.ts';

// What it costs to encrypt an update: a large one, and one of a few letters. The client is the runtime's own TLS, which is given nothing once it is in.
const acceptor = openTlsAcceptor(makeTlsIdentity());
let isCounting = false;
let pending: Uint8Array[] = [];
const wire = new Duplex({
  read() {},
  write(chunk: Buffer, _encoding, done) {
    session.receive(chunk);
    wire.push(Buffer.from(concatBytes(pending.splice(0))));
    done();
  },
});
const session = acceptor.accept('certificate', (bytes) => {
  if (!isCounting) pending.push(bytes);
});
const client = connect({ socket: wire, rejectUnauthorized: false });
await new Promise((resolve) => client.once('secureConnect', resolve));
isCounting = true;
pending = [];
const [large, small] = [new Uint8Array(1 << 20), new Uint8Array(300)];
console.log(JSON.stringify(measure('tls-send-1-mib', 500, () => session.send(large))));
console.log(JSON.stringify(measure('tls-send-300-bytes', 5000, () => session.send(small))));
client.destroy();
process.exit(0);
