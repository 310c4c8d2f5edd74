import { VERSION } from '@bhatti/base/version.ts';

import { COMMAND_GROUPS, type CommandEntry } from './command-table.ts';
import { styled } from './output.ts';

/** What `bhatti` alone prints. */
export function helpOfProgram(): string {
  const groups = COMMAND_GROUPS.map(
    ({ title, commands }) => `${styled(1, 'bold', title)}\n${commands.map(lineOf).join('\n')}`,
  );
  return [
    `bhatti ${VERSION}: whole graphical Linux computers, each in one command`,
    '',
    ...groups.flatMap((group) => [group, '']),
    styled(1, 'bold', 'A first desktop'),
    '  bhatti create --name desk --image computer --cpus 2 --memory 4096 --disk-size 8192',
    '  bhatti publish desk -p 6080',
    '  bhatti exec desk -- vnc-creds',
    '',
    'Every command takes --json, --url and --token; "bhatti COMMAND --help" tells more.',
  ].join('\n');
}

export function helpOfGroup(name: string, members: readonly CommandEntry[]): string {
  return [
    `Usage: bhatti ${name} COMMAND`,
    '',
    ...members.map(lineOf),
    '',
    `"bhatti ${name} COMMAND --help" tells more.`,
  ].join('\n');
}

function lineOf({ name, alias, summary }: CommandEntry): string {
  return `  ${(alias === undefined ? name : `${name}, ${alias}`).padEnd(16)}${summary}`;
}
