// The end of `npm start`: where the desktop is, how to get in, what to try.
import { CodedError } from '@bhatti/base/errors.ts';
import { styled } from '@bhatti/cli/output.ts';
import { tunnelLine } from '@bhatti/cli/tunnel.ts';
import type { Api } from '@bhatti/client/api.ts';
import { execCalls } from '@bhatti/client/exec.ts';
import type { Caller } from '@bhatti/client/transport.ts';
import type { PublishRule } from '@bhatti/wire/control/publish.ts';
import { realpathSync } from 'node:fs';
import { relative } from 'node:path';

import { sandboxName } from './sandbox.ts';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export async function readCredentials(caller: Caller, api: Api): Promise<Credentials> {
  const { exitCode, stdout, stderr } = await execCalls(api).run(caller, sandboxName, { argv: ['vnc-creds', '--json'] });
  const document: unknown = exitCode === 0 ? JSON.parse(new TextDecoder().decode(stdout)) : undefined;
  if (typeof document === 'object' && document !== null && 'username' in document && 'password' in document)
    return { username: String(document.username), password: String(document.password) };
  throw new CodedError(
    'DISPLAY_UNAVAILABLE',
    `cannot read the credentials of "${sandboxName}": ${new TextDecoder().decode(stderr).trim()}`,
    { display: sandboxName },
  );
}

export interface ReadyDesktop {
  readonly rule: PublishRule;
  readonly credentials: Credentials;
  /** Of `performance.now()`. */
  readonly startedAt: number;
  readonly executable: string;
  readonly isDaemonOurs: boolean;
}

export function describeDesktop({ rule, credentials, startedAt, executable, isDaemonOurs }: ReadyDesktop): string {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const tunnel = tunnelLine(rule, process.env);
  const bhatti = callName(executable);
  return [
    '',
    styled(1, 'bold', `  Your desktop is ready, after ${seconds} s`),
    '',
    field('URL', styled(1, 'cyan', rule.url)),
    field('User', credentials.username),
    field('Password', credentials.password),
    ...(tunnel !== undefined
      ? ['', '  This machine is remote. On your own, leave this running, then open the URL there:', '', `    ${tunnel}`]
      : []),
    '',
    '  Three things to try next, in another terminal:',
    '',
    `    ${bhatti} exec ${sandboxName} -- chromium-browser https://example.com`,
    `    ${bhatti} exec ${sandboxName} -- screenshot - > frame.png`,
    `    ${bhatti} shell ${sandboxName}`,
    '',
    styled(
      1,
      'dim',
      isDaemonOurs ? '  Ctrl-C stops the daemon; the sandbox stays.' : '  Ctrl-C ends this; daemon and sandbox go on.',
    ),
  ].join('\n');
}

function field(name: string, value: string): string {
  return `    ${name.padEnd(11)}${value}`;
}

/** `bhatti` where the PATH leads to this one, else the way to it from here. */
export function callName(executable: string): string {
  const installed = Bun.which('bhatti');
  if (installed !== null && realpathSync(installed) === realpathSync(executable)) return 'bhatti';
  const path = relative(process.cwd(), executable);
  return path.startsWith('..') ? executable : path;
}
