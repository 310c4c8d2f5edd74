import { getopt, UsageError, type OptionTable, type Parsed } from '../systemctl/getopt.ts';
import { lookUpUser } from './user-lookup.ts';
import { fail, print } from './print.ts';

const table: OptionTable = {
  longs: {
    help: 'flag',
    version: 'flag',
    'no-pager': 'flag',
    'no-legend': 'flag',
    'no-ask-password': 'flag',
    host: 'value',
    machine: 'value',
    property: 'value',
    all: 'flag',
    value: 'flag',
    full: 'flag',
    'kill-whom': 'value',
    signal: 'value',
    lines: 'value',
    output: 'value',
    json: 'value',
  },
  shorts: {
    h: 'help',
    H: 'host',
    M: 'machine',
    p: 'property',
    a: 'all',
    l: 'full',
    s: 'signal',
    n: 'lines',
    o: 'output',
    P: 'property',
  },
};

/** loginctl: there is no login manager in a sandbox, and so no sessions, users or seats. What asks about them is told so; what would change them is refused. */
export function main(args: readonly string[]): number {
  let parsed: Parsed;
  try {
    parsed = getopt('loginctl', args, table);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return fail(error.message);
  }
  if (parsed.options.has('version')) return print('systemd 252 (bhatti)\n');
  if (parsed.options.has('help')) return print(usage);
  const [verb = 'list-sessions', ...words] = parsed.words;
  return answer(verb, words, parsed.options.has('no-legend'));
}

function answer(verb: string, words: readonly string[], isBare: boolean): number {
  const [first] = words;
  switch (verb) {
    case 'list-sessions':
      return print(isBare ? '' : 'No sessions.\n');
    case 'list-users':
      return print(isBare ? '' : 'No users.\n');
    case 'list-seats':
      return print(isBare ? '' : 'No seats.\n');
    case 'lock-sessions':
    case 'unlock-sessions':
      return 0;
    case 'show-user':
    case 'show-session':
    case 'show-seat':
      if (first === undefined) return print('NCurrentSessions=0\nKillUserProcesses=no\nIdleHint=no\n');
      return verb === 'show-user' ? notLoggedIn(first) : noSession(verb, first);
    case 'user-status':
    case 'terminate-user':
    case 'kill-user':
      return notLoggedIn(first ?? String(process.getuid?.() ?? 0));
    case 'enable-linger':
    case 'disable-linger':
      return linger(verb, first);
    case 'session-status':
    case 'activate':
    case 'lock-session':
    case 'unlock-session':
    case 'terminate-session':
    case 'kill-session':
      return noSession(verb, first ?? 'auto');
    case 'seat-status':
    case 'attach':
    case 'flush-devices':
    case 'terminate-seat':
      return fail('Failed to issue method call: there are no seats here');
    default:
      return fail(`Unknown command verb ${verb}.`);
  }
}

function notLoggedIn(user: string): number {
  const account = lookUpUser(user);
  if (account === undefined) return fail(`Failed to look up user ${user}: No such process`);
  return fail(`Failed to get user: User ID ${account.uid} is not logged in or lingering`);
}

function noSession(verb: string, session: string): number {
  const what = verb === 'show-session' || verb === 'session-status' ? 'get session path' : 'issue method call';
  return fail(`Failed to ${what}: No session '${session}' known`);
}

/** Whoever disables has what was asked for. Enabling would promise a service manager for each user, of which there is none. */
function linger(verb: string, user: string | undefined): number {
  const name = user ?? String(process.getuid?.() ?? 0);
  if (lookUpUser(name) === undefined) return fail(`Failed to look up user ${name}: No such process`);
  if (verb === 'disable-linger') return 0;
  return fail('Could not enable linger: there is no service manager for users here');
}

const usage = `loginctl [OPTIONS...] COMMAND ...

Send control commands to or query the login manager.

  list-sessions                  session-status [ID...]
  show-session [ID...]           list-users
  user-status [USER...]          show-user [USER...]
  enable-linger [USER...]        disable-linger [USER...]
  list-seats
`;
