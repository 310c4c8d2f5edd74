// PID 1 of the sandboxes that engine tests make: runs what it is told over the agent socket. One connection is one command: a line of shell in, one JSON document out.
import { spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';

process.on('SIGTERM', () => process.exit(0));

createServer((connection) => {
  let line = '';
  connection.on('error', () => connection.destroy());
  connection.on('data', (chunk: Buffer) => {
    line += chunk.toString();
    if (line.endsWith('\n')) answer(connection, line.trim());
  });
}).listen({ fd: 3 });

function answer(connection: Socket, command: string): void {
  const child = spawn('/bin/busybox', ['sh', '-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.on('error', (error) => connection.end(JSON.stringify({ exitCode: 127, output: String(error) })));
  child.on('exit', (code, signal) => {
    // Not `close`: a command may leave something running that holds its output.
    setImmediate(() => connection.end(JSON.stringify({ exitCode: code ?? -1, signal, output })));
  });
}
