import { hasCode } from '@bhatti/base/errors.ts';
import { describe, expect, test } from 'bun:test';
import { addressOf, bridgeName, gatewayOf, macOf, parseSubnet, portName } from './address.ts';

describe('addresses', () => {
  const subnet = parseSubnet('10.107.0.0/16');

  test('a place has its address, gateway and a MAC of its own', () => {
    const place = { network: 3, host: 200 };
    expect(addressOf(subnet, place)).toBe('10.107.3.200');
    expect(gatewayOf(subnet, 3)).toBe('10.107.3.1');
    expect(macOf(subnet, place)).toBe('02:b4:0a:6b:03:c8');
  });

  test('anything but a usable IPv4 /16 is refused', () => {
    for (const text of [
      '10.107.0.0/24',
      '10.107.1.0/16',
      '10.300.0.0/16',
      '127.0.0.0/16',
      '224.0.0.0/16',
      'fd00::/16',
      '',
    ]) {
      let error: unknown;
      try {
        parseSubnet(text);
      } catch (caught) {
        error = caught;
      }
      expect(hasCode(error, 'INVALID_ARGUMENT'), text).toBe(true);
    }
  });

  test('names of interfaces fit the kernel, and those of two instances never meet', () => {
    const last = { network: 255, host: 254 };
    for (const instance of ['bhatti', 'abcde1']) expect(portName(instance, last).length).toBeLessThanOrEqual(15);
    expect(bridgeName('a', 11)).not.toBe(bridgeName('a1', 1));
    expect(bridgeName('a', 11)).not.toBe(bridgeName('a11', 0));
  });
});
