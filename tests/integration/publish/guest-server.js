// Runs inside the sandbox: one HTTP and WebSocket server with the habits that proxies get wrong.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const server = createServer((request, reply) => {
  const url = new URL(request.url, 'http://guest');
  if (url.pathname === '/headers') return reply.end(JSON.stringify(request.rawHeaders));
  if (url.pathname === '/cookies') return reply.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end();
  if (url.pathname === '/big') return sendBig(reply, Number(url.searchParams.get('mb')));
  if (url.pathname === '/events') {
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.flushHeaders();
    // Each event is sent when it is asked for, over another request.
    globalThis.emitEvent = (text) => reply.write(`data: ${text}\n\n`);
    return undefined;
  }
  if (url.pathname === '/emit') {
    globalThis.emitEvent(url.searchParams.get('text'));
    return reply.end('sent');
  }
  if (url.pathname === '/digest') {
    const digest = createHash('sha256');
    request.on('data', (chunk) => digest.update(chunk));
    return request.on('end', () => reply.end(digest.digest('hex')));
  }
  reply.writeHead(404).end(`no ${url.pathname}\n`);
});

function sendBig(reply, megabytes) {
  const chunk = Buffer.alloc(1024 * 1024, 'x');
  let left = megabytes;
  const send = () => {
    while (left-- > 0) if (!reply.write(chunk)) return reply.once('drain', send);
    return reply.end();
  };
  send();
}

server.on('upgrade', (request, socket, head) => {
  if (request.url === '/refuse') return socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 3\r\n\r\nno\n');
  // The server speaks first, in the same packet as its 101: as RFB does.
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nRFB 003.008\n');
  if (head.length > 0) socket.write(`echo:${head}`);
  socket.on('data', (chunk) => socket.write(`echo:${chunk}`));
  socket.on('error', () => socket.destroy());
  return socket.on('end', () => socket.end());
});

server.listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
