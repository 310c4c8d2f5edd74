import { getopt, UsageError, type OptionTable } from '../systemctl/getopt.ts';
import { ask, print } from '../systemctl/main.ts';

const table: OptionTable = {
  longs: {
    help: 'flag',
    halt: 'flag',
    poweroff: 'flag',
    reboot: 'flag',
    force: 'flag',
    'wtmp-only': 'flag',
    'no-wtmp': 'flag',
    'no-wall': 'flag',
    'no-sync': 'flag',
    now: 'flag',
    cancel: 'flag',
    show: 'flag',
  },
  shorts: {
    h: 'halt',
    H: 'halt',
    P: 'poweroff',
    p: 'poweroff',
    r: 'reboot',
    f: 'force',
    w: 'wtmp-only',
    d: 'no-wtmp',
    n: 'no-sync',
    k: 'wtmp-only',
    c: 'cancel',
  },
};

/** poweroff, halt, reboot and shutdown: names that people's hands know for what systemctl does. */
export async function power(called: string, args: readonly string[]): Promise<number> {
  try {
    const { words, options } = getopt(called, args, table);
    const has = (name: string) => options.has(name);
    if (has('help')) return print({ stdout: `${called} [OPTIONS...]\n\nStop the sandbox.\n`, stderr: '', exitCode: 0 });
    if (has('wtmp-only') || has('show') || has('cancel')) return 0;
    const when = words[0] ?? 'now';
    // There is nobody to be warned, and nothing that could wait: a minute from now is what shutdown says when it is told nothing.
    if (called === 'shutdown' && !['now', '+0'].includes(when))
      return print({ stdout: '', stderr: "shutdown: only 'now' is possible here\n", exitCode: 1 });
    const verb =
      ['reboot', 'halt', 'poweroff'].find((name) => has(name)) ?? (called === 'shutdown' ? 'poweroff' : called);
    return print(await ask({ verb, words: [], options: {} }));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return print({ stdout: '', stderr: `${error.message}\n`, exitCode: 1 });
  }
}

/** runlevel(8): what Debian's maintainer scripts ask before they start anything. */
export function runlevel(): number {
  process.stdout.write('N 5\n');
  return 0;
}
