import { expect, test } from 'bun:test';
import { parseListeningPorts } from './ports.ts';

test('listening ports are read from /proc/net/tcp, other states are not', () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:17C0 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 00000000000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 3
`;
  expect(parseListeningPorts(text)).toEqual([6080, 22]);
  expect(parseListeningPorts('')).toEqual([]);
});
