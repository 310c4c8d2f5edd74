import { readFileSync } from 'node:fs';

const listening = '0A'; // TCP_LISTEN, include/net/tcp_states.h

/** TCP ports that something in this sandbox listens on, in ascending order. */
export function listeningPorts(): number[] {
  const ports = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((path) => parseListeningPorts(tryRead(path)));
  return [...new Set(ports)].sort((a, b) => a - b);
}

/** proc(5): after a heading, `sl local_address rem_address st …`, addresses as hexadecimal `ADDRESS:PORT`. */
export function parseListeningPorts(text: string): number[] {
  return text.split('\n').flatMap((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    const port = local?.split(':')[1];
    return state === listening && port !== undefined ? [Number.parseInt(port, 16)] : [];
  });
}

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // expected: a kernel without IPv6
  }
}
