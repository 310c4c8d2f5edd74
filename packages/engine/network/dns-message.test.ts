import fc from 'fast-check';
import { describe, expect, test } from 'bun:test';
import {
  addressesIn,
  encodeName,
  formatReply,
  isReplyTo,
  parseQuery,
  rcodeNxdomain,
  rcodeOk,
  typeA,
  withId,
  type DnsQuery,
} from './dns-message.ts';

describe('DNS messages', () => {
  test('a query is read: id, name in lower case, type', () => {
    expect(parseQuery(queryBytes('WWW.Example.com', typeA, 0x1234))).toMatchObject({
      id: 0x1234,
      name: 'www.example.com',
      type: typeA,
      recursion: true,
    });
    expect(parseQuery(queryBytes('', 2))?.name).toBe('');
  });

  test('replies, other operations, several questions and other classes are not queries', () => {
    const good = queryBytes('a.b', typeA);
    const changed = (at: number, value: number) =>
      Uint8Array.from(good, (byte, index) => (index === at ? value : byte));
    expect(parseQuery(changed(2, 0x81))).toBeUndefined();
    expect(parseQuery(changed(2, 0x28))).toBeUndefined();
    expect(parseQuery(changed(5, 2))).toBeUndefined();
    expect(parseQuery(changed(good.length - 1, 3))).toBeUndefined();
    for (let cut = 0; cut < good.length; cut++)
      expect(parseQuery(good.subarray(0, cut)), `cut at ${cut}`).toBeUndefined();
  });

  test('a reply repeats id and question, and its addresses are found again', () => {
    const query = mustParse(queryBytes('box', typeA, 77));
    const data = Uint8Array.of(10, 1, 2, 3);
    const reply = formatReply(query, rcodeOk, [{ type: typeA, ttlSeconds: 5, data }]);
    expect(isReplyTo(query, 77, reply)).toBe(true);
    expect(isReplyTo(query, 78, reply)).toBe(false);
    expect(isReplyTo(mustParse(queryBytes('fox', typeA, 77)), 77, reply)).toBe(false);
    expect(isReplyTo(query, 9, withId(reply, 9))).toBe(true);
    expect(addressesIn(query, reply)?.map((address) => [...address])).toEqual([[10, 1, 2, 3]]);
    expect((formatReply(query, rcodeNxdomain)[3] ?? 0) & 15).toBe(rcodeNxdomain);
    for (let cut = 12 + query.question.length; cut < reply.length; cut++)
      expect(addressesIn(query, reply.subarray(0, cut)), `cut at ${cut}`).toBeUndefined();
  });

  test('a resolver may change the case of the question', () => {
    const query = mustParse(queryBytes('box.example', typeA, 1));
    const reply = formatReply(mustParse(queryBytes('box.example', typeA, 1)), rcodeOk);
    const shouted = Uint8Array.from(reply, (byte, at) =>
      at >= 12 && byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte,
    );
    expect(isReplyTo(query, 1, shouted)).toBe(true);
  });

  test('arbitrary bytes never hang or throw', () => {
    const query = mustParse(queryBytes('a', typeA));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        parseQuery(bytes);
        if (isReplyTo(query, 1, bytes)) addressesIn(query, bytes);
        const reply = Uint8Array.from([
          ...formatReply(query, rcodeOk).subarray(0, 6),
          255,
          255,
          0,
          0,
          0,
          0,
          ...query.question,
          ...bytes,
        ]);
        addressesIn(query, reply);
      }),
    );
  });
});

function queryBytes(name: string, type: number, id = 1): Uint8Array {
  const header = [id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
  return Uint8Array.from([...header, ...encodeName(name), type >> 8, type & 255, 0, 1]);
}

function mustParse(bytes: Uint8Array): DnsQuery {
  const query = parseQuery(bytes);
  if (query === undefined) throw new Error('not a query');
  return query;
}
