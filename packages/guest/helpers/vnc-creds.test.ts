import { describe, expect, test } from 'bun:test';
import { formatCredentials, parseCredentials } from './vnc-creds.ts';

const credentials = { username: 'kasm_user', password: 'aB3:"x y' };

describe('vnc-creds', () => {
  test('reads what first boot wrote, and nothing else', () => {
    expect(parseCredentials('username: kasm_user\npassword: aB3:"x y\n')).toEqual(credentials);
    expect(parseCredentials('username: kasm_user\n')).toBeUndefined();
    expect(parseCredentials('')).toBeUndefined();
  });

  test('prints one JSON line for programs', () => {
    const text = formatCredentials(credentials, true);
    expect(text.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(text)).toEqual(credentials);
  });

  test('prints two lines, a blank one and a hint for people', () => {
    expect(formatCredentials(credentials, false)).toMatch(/^username: kasm_user\npassword: aB3:"x y\n\n[^\n]+\n$/);
  });
});
