import { hasCode } from '@bhatti/base/errors.ts';
import { parseCommandLine } from '@bhatti/display/config/flags.ts';
import { OPTIONS } from '@bhatti/display/config/option-table.ts';
import { optionsFromYaml } from '@bhatti/display/config/yaml-file.ts';
import { formatPasswordFile, parsePasswordFile } from '@bhatti/display/credentials/password-file.ts';
import { LoginGate } from '@bhatti/display/transport/login-gate.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { titled } from '../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../support/display-server.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 40 });
const flagNames = OPTIONS.flatMap(({ flag }) => (flag === undefined ? [] : [flag]));
const yamlKeys = OPTIONS.flatMap(({ yaml }) => (yaml === undefined ? [] : [yaml]));

test('an arbitrary command line is understood or refused in words', () => {
  const value = fc.oneof(anyText, fc.integer().map(String), fc.constantFrom('1', 'on', '640x400', '99999999x1', ''));
  const word = fc.oneof(
    anyText,
    fc.constantFrom(':99', ':', ':99999999999', '-geometry', '--stream', '-depth', '='),
    fc.tuple(fc.constantFrom('', '-', '--'), fc.constantFrom(...flagNames)).map((parts) => parts.join('')),
    fc.tuple(fc.constantFrom(...flagNames), value).map(([flag, text]) => `-${flag}=${text}`),
    value,
  );
  let understood = 0;
  fc.assert(
    fc.property(fc.array(word, { maxLength: 5 }), (words) => {
      try {
        const { given } = parseCommandLine(words);
        for (const { value: text } of given.values()) expect(text).toBeString();
        understood++;
      } catch (error) {
        if (!hasCode(error, 'USAGE') && !hasCode(error, 'INVALID_ARGUMENT')) throw error;
      }
    }),
    { numRuns: 5000 },
  );
  expect(understood).toBeGreaterThan(100);
});

test('an arbitrary kasmvnc.yaml is understood or refused in words', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'bhatti-yaml-'));
  const path = join(dir, 'kasmvnc.yaml');
  const nested = fc
    .tuple(fc.constantFrom(...yamlKeys, 'a.b', '__proto__.x', 'constructor'), fc.jsonValue({ maxDepth: 2 }))
    .map(([key, value]) =>
      JSON.stringify(key.split('.').reduceRight<unknown>((inner, name) => Object.fromEntries([[name, inner]]), value)),
    );
  const billion = `a: &a [1,1,1]\n${Array.from({ length: 20 }, (_, i) => `b${i}: &b${i} [*${i === 0 ? 'a' : `b${i - 1}`},*${i === 0 ? 'a' : `b${i - 1}`}]`).join('\n')}\n`;
  const text = fc.oneof(
    anyText,
    fc.string({ unit: fc.constantFrom(...Array.from('abc:-#&*|>\'"@`{}[],?\n ~0')), maxLength: 40 }),
    nested,
    fc.constant(billion),
  );
  let understood = 0;
  try {
    await fc.assert(
      fc.asyncProperty(text, async (document) => {
        writeFileSync(path, document);
        try {
          await optionsFromYaml(path, {});
          understood++;
        } catch (error) {
          if (!hasCode(error, 'INVALID_ARGUMENT')) throw error;
        }
      }),
      { numRuns: 1500 },
    );
  } finally {
    rmSync(dir, { recursive: true });
  }
  expect(understood).toBeGreaterThan(50);
});

test('an arbitrary password file gives users that can be written down again, and never fails', () => {
  const line = fc.oneof(
    anyText,
    fc
      .tuple(anyText, fc.constantFrom('$5$kasm$abc', '', '$', 'x'.repeat(200)), fc.constantFrom('ow', 'r', '', 'zzz'))
      .map((parts) => parts.join(':')),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
      const users = parsePasswordFile(lines.join('\n'));
      expect(parsePasswordFile(formatPasswordFile(users))).toEqual(users);
    }),
    { numRuns: 3000 },
  );
});

test('an arbitrary Authorization header lets nobody in', async () => {
  const gate = new LoginGate({ blacklistThreshold: 0, blacklistTimeoutMs: 0 });
  const rights = { read: true, write: true, owner: true };
  gate.setCredentials([{ user: 'ann', hash: '$5$kasm$MCDBKDM8mQ9J0HRDvmHYEFJzSzGAmuV7ozlKAYlZqi0', rights }]);
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const header = fc.oneof(
    anyText,
    anyText.map(basic),
    anyText.map((text) => basic(`ann:${text}`)),
    fc.base64String({ maxLength: 80 }).map((text) => `Basic ${text}`),
  );
  let address = 0;
  await fc.assert(
    fc.asyncProperty(header, async (authorization) => {
      // An address of its own, so that none waits for the ones before.
      const error: unknown = await gate.check(authorization, String(address++)).catch((refusal: unknown) => refusal);
      expect(hasCode(error, 'UNAUTHENTICATED')).toBe(true);
    }),
    { numRuns: 40 },
  );
});

const why = whyNoDisplay();

describe.skipIf(why !== undefined)(titled('the desktop’s port', why), () => {
  let display: TestDisplay;
  beforeAll(async () => {
    display = await TestDisplay.start({ flags: ['-BlacklistThreshold', '0'] });
  });
  afterAll(() => display?.[Symbol.asyncDispose]());

  test('answers any request target with a status, or not at all, and stays', async () => {
    const streaming = display.streamingPid();
    const part = fc.oneof(
      anyText.map((text) => text.replaceAll(/[\s\0]/g, '_')),
      fc.constantFrom(
        '/',
        '//',
        '..',
        '%',
        '%00',
        '%zz',
        '?',
        '#',
        '@',
        ':',
        '[',
        '[::1',
        'http:',
        'api',
        'screenshot',
      ),
      fc.constantFrom('get_screenshot', 'width=0', 'quality=-1', 'wait=drawn', 'timeoutMs=1', 'format=bmp', '&', '='),
    );
    const target = fc.array(part, { maxLength: 8 }).map((parts) => `/${parts.join('')}`);
    const request = fc.record({
      method: fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'CONNECT', 'X'),
      target: fc.oneof(
        target,
        target.map((path) => path.slice(1)),
        fc.constantFrom('*', 'http://[', 'http://a b/'),
      ),
      host: fc.oneof(fc.constantFrom('localhost', '', '[', ':::', 'a b', 'x'.repeat(3000)), anyText),
      known: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(request, async ({ method, target: path, host, known }) => {
        const login = known ? `Authorization: ${display.authorization}\r\n` : '';
        const clean = host.replaceAll(/[\r\n\0]/g, '');
        const answer = await exchange(
          display.port,
          `${method} ${path} HTTP/1.1\r\nHost: ${clean}\r\n${login}Connection: close\r\n\r\n`,
        );
        expect(answer).toMatch(/^$|^HTTP\/1\.1 ([234]\d\d|505) /);
      }),
      { numRuns: 300 },
    );
    expect(display.streamingPid()).toBe(streaming);
    expect(display.log).not.toMatch(/request failed|internal error/);
  });
});

/** What comes back before the connection ends, or is quiet for a while. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setTimeout(1500, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => resolve(answer));
  });
}
