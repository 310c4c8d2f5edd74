// Writes docs/units.md from the tables of directives: `bun scripts/units-document.ts`. A test holds them together.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CONDITIONS } from '@bhatti/guest/unit/condition.ts';
import { DIRECTIVES } from '@bhatti/guest/unit/directive-table.ts';
import { IGNORED_DIRECTIVES } from '@bhatti/guest/unit/ignored-directive-table.ts';
import { SANDBOX_NOTES } from '@bhatti/guest/unit/sandbox-note-table.ts';
import { TRIGGER_DIRECTIVES } from '@bhatti/guest/unit/trigger-load.ts';

const firstSections = ['Unit', 'Service', 'Install'];
const working = { ...DIRECTIVES, ...TRIGGER_DIRECTIVES };

/** docs/units.md, whole. Every section that has directives is in it. */
export function renderUnitsDocument(): string {
  const others = Object.keys(working).filter((section) => !firstSections.includes(section));
  return `# Units

Generated from the tables in \`packages/guest/unit/\` by \`bun scripts/units-document.ts\`.

In a sandbox, \`lohar\` is the service manager. It reads systemd's unit files and answers \`systemctl\` and \`journalctl\`, without systemd. What follows says of each directive of
systemd 252 whether it has an effect. A unit's own list of those without is \`systemctl show -p IgnoredDirectives UNIT\`; it also has those that this very sandbox cannot grant.
A directive that is in neither list is unknown to systemd 252 too, and is warned about with file and line in the unit's journal.

${[...firstSections, ...others].map(renderSection).join('\n')}
${differences}`;
}

function renderSection(section: string): string {
  const names = Object.keys(working[section] ?? {}).toSorted();
  const plain = names.filter((name) => SANDBOX_NOTES[name] === undefined || section !== 'Service');
  const dependent = names.filter((name) => !plain.includes(name));
  return [
    `## [${section}]\n`,
    `Work: ${plain.map(code).join(', ')}${also[section] ?? ''}.\n`,
    ...(section === 'Unit' ? [conditions()] : []),
    ...sandboxed(dependent),
    ...ignored(section),
  ].join('\n');
}

const also: Readonly<Record<string, string>> = {
  Unit: ', and conditions (below)',
  Socket: ', and of [Service] what says how the processes of commands run',
};

function sandboxed(names: readonly string[]): string[] {
  const byNote = [...Map.groupBy(names, (name) => SANDBOX_NOTES[name] ?? '')];
  return names.length === 0
    ? []
    : [
        table(
          'work where the sandbox allows',
          'how far',
          byNote.map(([note, same]) => [same, note]),
        ),
      ];
}

function ignored(section: string): string[] {
  const groups = IGNORED_DIRECTIVES[section] ?? [];
  return groups.length === 0
    ? []
    : [
        table(
          'accepted without effect',
          'why',
          groups.map(({ names, why }) => [names.split(' '), why]),
        ),
      ];
}

function conditions(): string {
  const names = CONDITIONS.toSorted().map((name) => code(`Condition${name}`));
  return `Conditions that are looked at, each also as \`Assert…=\`: ${names.join(', ')}. Any other condition holds.\n`;
}

function table(title: string, remark: string, rows: readonly (readonly [readonly string[], string])[]): string {
  const lines = rows.map(([names, text]) => `| ${names.map(code).join(', ')} | ${text} |`);
  return `| ${title} | ${remark} |\n|---|---|\n${lines.join('\n')}\n`;
}

function code(name: string): string {
  return `\`${name}=\``;
}

const differences = `## What is different from systemd

- **There is no bus.** \`Type=dbus\` is treated as \`Type=simple\`, with a warning; \`BusName=\` is waited for by nobody. A unit may start a bus of its own.
- **There are no slices.** All units are groups of \`system.slice\`. \`TasksMax=\` has no default; the sandbox as a whole may have 4096 tasks.
- **Sandboxing that a container does not allow** goes the way it goes under systemd in a container with the same rights: what only protects is gone without, what would show the program
  other files fails with systemd's step and status (\`226/NAMESPACE\`, \`217/USER\`, \`214/SETSCHEDULER\`). \`DynamicUser=\` alone is treated more kindly: systemd refuses it there.
- **System calls are filtered for the whole sandbox**, not for each unit.
- **Messages of a step that failed** before the program ran are in the unit's journal under the program's name, where systemd has the name in parentheses.

### A unit without [Install]

The page on computers has this one:

\`\`\`ini
# /etc/systemd/system/dbus-system.service
[Unit]
Description=System bus for xfce
Before=xfce-session.service
[Service]
Type=forking
PIDFile=/run/dbus/pid
ExecStartPre=/bin/mkdir -p /run/dbus
ExecStart=/usr/bin/dbus-daemon --system --fork
\`\`\`

\`systemctl enable --now dbus-system.service\` starts it, prints systemd's own remark that the unit files have no installation config, and exits with 0. At the next boot it is not started, as it
would not be under systemd: \`enable\` only makes the links that \`[Install]\` asks for, and here there is none. \`Before=\` says in which order two units start when both do; it pulls nothing in. Whoever
wants it at each boot adds

\`\`\`ini
[Install]
WantedBy=xfce-session.service
\`\`\`

and enables it again: it then starts whenever \`xfce-session.service\` does, before it.
`;

if (import.meta.main) writeFileSync(join(import.meta.dir, '..', 'docs', 'units.md'), renderUnitsDocument());
