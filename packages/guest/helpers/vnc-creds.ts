import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import { startOperation } from '@bhatti/base/operation.ts';
import { guestDisplay, passwordCleartextFile, passwordHashFile } from '@bhatti/wire/guest-paths.ts';
import { readFileSync, statSync } from 'node:fs';
import { parseJsonFlag, runHelper } from './run-helper.ts';

export interface DesktopCredentials {
  readonly username: string;
  readonly password: string;
}

const sudoTimeoutMs = 10_000; // sudo answers in 10 ms, but looks up the host name, which may hang without a resolver

/** `vnc-creds [--json]`: user name and password of this sandbox's desktop. Only root can read them; others go by sudo. */
export function main(args: readonly string[]): Promise<number> {
  return runHelper(async ({ stdout }) => {
    const { json } = parseJsonFlag('vnc-creds', args);
    const credentials = parseCredentials(process.getuid?.() === 0 ? readAsRoot() : await readBySudo());
    if (credentials === undefined) throw notReady();
    await stdout.write(formatCredentials(credentials, json));
    return 0;
  });
}

export function formatCredentials({ username, password }: DesktopCredentials, json: boolean): string {
  if (json) return `${JSON.stringify({ username, password })}\n`;
  return `username: ${username}\npassword: ${password}\n\nLog in with these at the URL that "bhatti publish NAME -p 6080" prints.\n`;
}

export function parseCredentials(text: string): DesktopCredentials | undefined {
  const username = /^username: (.+)$/m.exec(text)?.[1];
  const password = /^password: (.+)$/m.exec(text)?.[1];
  return username === undefined || password === undefined ? undefined : { username, password };
}

/** The password counts only while its hash is there: without it, what is in clear opens nothing any more. */
function readAsRoot(): string {
  try {
    return statSync(passwordHashFile).size === 0 ? '' : readFileSync(passwordCleartextFile, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''; // expected: not made yet
    throw error;
  }
}

async function readBySudo(): Promise<string> {
  const { run } = await import('@bhatti/sys/process/run.ts');
  using op = startOperation({ timeoutMs: sudoTimeoutMs });
  const script = `[ -s "$1" ] && [ -s "$2" ] || exit 44; exec cat -- "$2"`;
  try {
    const argv = ['sudo', '-n', 'sh', '-c', script, 'sh', passwordHashFile, passwordCleartextFile];
    const result = await run(op, argv, { okExitCodes: [0, 44] });
    return result.exitCode === 0 ? result.stdout : '';
  } catch (error) {
    if (!hasCode(error, 'COMMAND_FAILED')) throw error;
    throw new CodedError(
      'FORBIDDEN',
      `cannot read the desktop's password: sudo refused`,
      { reason: 'sudo' },
      { cause: error, hint: 'run vnc-creds as root or as lohar' },
    );
  }
}

function notReady(): CodedError<'DISPLAY_UNAVAILABLE'> {
  return new CodedError(
    'DISPLAY_UNAVAILABLE',
    'no credentials yet: KasmVNC may still be initializing',
    { display: guestDisplay },
    { hint: 'try again in a few seconds, or see "journalctl -u kasmvnc-firstboot"' },
  );
}
