/**
 * One step between lohar and a service's program. `shell` is text of ours, whose arguments are positional parameters and are shifted away by it; `program` replaces the process and goes on with what follows it.
 * The process stays the same all the way.
 */
export type ExecLink =
  | { readonly kind: 'shell'; readonly text: string; readonly args: readonly string[] }
  | { readonly kind: 'program'; readonly argv: readonly string[] };

export interface ChainEnd {
  readonly unit: string;
  /** As messages name it. */
  readonly program: string;
  readonly argv: readonly string[];
  /** Open on the unit's journal until the program runs: failures of steps are told there. */
  readonly reportFd: number;
  /** Whether the journal takes `<3>` before a line for its priority. */
  readonly marksPriority: boolean;
}

const shell = '/bin/sh';
const shellOfManyDescriptors = '/bin/bash'; // sh knows descriptors of one digit
/** Stands in the command line of a process for as long as there is a step before the program. */
const onItsWay = 'bhatti_step=';

/** Whether a process with this command line has not come to its program yet. */
export function isOnItsWay(commandLine: string): boolean {
  return commandLine.includes(onItsWay);
}

/** `bhatti_fail STATUS STEP WHAT REASON` ends the process as systemd's own failed steps do (systemd.exec(5), "Process Exit Codes"). */
const prelude = (reportFd: number) => `${onItsWay} bhatti_unit=$1 bhatti_program=$2 bhatti_mark=$3; shift 3
bhatti_fail() {
printf '%s%s: %s\\n' "$bhatti_mark" "$bhatti_unit" "$3: $4" "$bhatti_mark" "$bhatti_unit" "Failed at step $2 spawning $bhatti_program: $4" >&${reportFd}
exit "$1"
}
`;

/** The command that goes through all links. Neighbours that are text share one shell. */
export function chainCommand(links: readonly ExecLink[], end: ChainEnd): { path: string; argv: string[] } {
  const groups = mergeShells(links);
  const lastShell = groups.findLastIndex((group) => group.kind === 'shell');
  const argv = groups.flatMap((group, at) => {
    if (group.kind === 'program') return group.argv;
    // What the shell itself puts into the environment is none of the unit's.
    const close = at === lastShell ? `exec ${end.reportFd}>&-\nunset PWD OLDPWD\n` : '';
    const text = `${prelude(end.reportFd)}${group.text}\n${close}exec "$@"`;
    return [
      end.reportFd > 9 ? shellOfManyDescriptors : shell,
      '-c',
      text,
      'sh',
      end.unit,
      end.program,
      end.marksPriority ? '<3>' : '',
      ...group.args,
    ];
  });
  const [path = end.argv[0] ?? ''] = argv;
  return { path, argv: [...argv, ...end.argv] };
}

function mergeShells(links: readonly ExecLink[]): ExecLink[] {
  const merged: ExecLink[] = [];
  for (const link of links) {
    const last = merged.at(-1);
    if (last?.kind !== 'shell' || link.kind !== 'shell') merged.push(link);
    // Each text shifts its own arguments away, so that the next one's are first.
    else
      merged[merged.length - 1] = {
        kind: 'shell',
        text: `${last.text}\n${link.text}`,
        args: [...last.args, ...link.args],
      };
  }
  return merged;
}

export function shellLink(text: string, ...args: readonly string[]): ExecLink {
  return { kind: 'shell', text: args.length === 0 ? text : `${text}\nshift ${args.length}`, args };
}

/** Only bash can call a program by another name. */
export function renameLink(name: string): ExecLink {
  return { kind: 'program', argv: ['/bin/bash', '-c', `${onItsWay} exec -a "$0" "$@"`, name] };
}

export function programLink(...argv: readonly string[]): ExecLink {
  return { kind: 'program', argv };
}
