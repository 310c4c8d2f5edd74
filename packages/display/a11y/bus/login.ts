import { CodedError, describe } from '@bhatti/base/errors.ts';
import { connect, type Socket } from 'node:net';

const timeoutMs = 2_000; // a bus that lives answers within a millisecond
const longestAnswer = 1_024;

/** Connects to a bus and logs in. D-Bus specification, "Authentication Protocol", EXTERNAL: our uid as digits in hex; the socket's credentials prove it. Throws A11Y_UNAVAILABLE. */
export function loginToBus(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let said = '';
    const timer = setTimeout(() => fail('it does not answer'), timeoutMs);
    function fail(why: string): void {
      clearTimeout(timer);
      socket.destroy();
      reject(
        new CodedError(
          'A11Y_UNAVAILABLE',
          `cannot reach the accessibility bus: ${why}`,
          { reason: 'bus' },
          {
            hint: 'the desktop server starts it: systemctl status kasmvnc',
          },
        ),
      );
    }
    function take(chunk: Uint8Array): void {
      said += Buffer.from(chunk).toString('latin1');
      if (said.length > longestAnswer) return fail('it speaks something else');
      if (!said.includes('\r\n')) return;
      if (!said.startsWith('OK ')) return fail('it does not accept this account');
      clearTimeout(timer);
      for (const event of ['data', 'error', 'close']) socket.removeAllListeners(event);
      socket.write('BEGIN\r\n');
      resolve(socket);
    }
    socket.once('connect', () => {
      const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
      socket.write(`\0AUTH EXTERNAL ${uid}\r\n`);
    });
    socket.on('data', take);
    socket.once('error', (error) => fail(describe(error)));
    socket.once('close', () => fail('it was closed'));
  });
}
