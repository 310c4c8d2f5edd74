import { describe, expect, test } from 'bun:test';
import type { PublishRule } from '@bhatti/wire/control/publish.ts';

import { tunnelLine } from './tunnel.ts';

const rule: PublishRule = {
  id: 'pub_1',
  sandbox_id: '1',
  port: 6080,
  alias: 'desk',
  url: 'http://desk.localhost:8080/',
  host: 'desk.localhost',
  connect: '127.0.0.1:8080',
  tunnel: 'ssh -L 8080:127.0.0.1:8080 unknown@192.0.2.2',
  created_at: 'x',
};

describe('the tunnel line', () => {
  test('names the account and address by which the person came, under sudo too', () => {
    const env = { SSH_CONNECTION: '198.51.100.1 50000 203.0.113.9 22', USER: 'ann' };
    expect(tunnelLine(rule, env)).toBe('ssh -L 8080:127.0.0.1:8080 ann@203.0.113.9');
    expect(tunnelLine(rule, { ...env, USER: 'root', SUDO_USER: 'ann' })).toBe(
      'ssh -L 8080:127.0.0.1:8080 ann@203.0.113.9',
    );
    expect(tunnelLine(rule, { ...env, SSH_CONNECTION: '198.51.100.1 50000 203.0.113.9 2222' })).toBe(
      'ssh -L 8080:127.0.0.1:8080 -p 2222 ann@203.0.113.9',
    );
  });

  test('is none where the person sits at the machine, or where the URL works everywhere', () => {
    expect(tunnelLine(rule, {})).toBeUndefined();
    const { tunnel: _tunnel, ...everywhere } = rule;
    expect(tunnelLine(everywhere, { SSH_CONNECTION: '1 2 3 22' })).toBeUndefined();
  });
});
