// Writes docs/kasmvnc-yaml.md from the table of options.
import { type OptionKind, type OptionRow, OPTIONS } from '@bhatti/display/config/option-table.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** docs/kasmvnc-yaml.md: what each key of kasmvnc.yaml does here. */
export function yamlDocument(): string {
  const rows = OPTIONS.filter((row) => row.yaml !== undefined).toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const used = rows.filter((row) => row.use !== 'none');
  const unused = rows.filter((row) => row.use === 'none');
  return `# kasmvnc.yaml

The desktop server reads \`/etc/kasmvnc/kasmvnc.yaml\` with the keys of KasmVNC and three of its own (\`network.vnc.…\`, \`user_session.input_quiet_timeout\`), and again whenever a viewer connects: edit it inside the sandbox and reconnect.
Flags of the unit win over environment variables (\`DISPLAY_WIDTH\`, \`DISPLAY_HEIGHT\`, \`DISPLAY_DEPTH\`, \`KASM_FRAMERATE\`, \`KASM_THREADS\`), those over
the file, the file over what is built in. An unknown key or a wrong value is an error that names it: at the start the server then refuses to run, and on a reconnect
it says so in \`journalctl -u kasmvnc\` and keeps the settings it has.

Size, depth, threads, network, login, headers and X options count from the next start of \`kasmvnc.service\`; the others from the next connection.

## Keys that do something

| key | flag | values | what it does |
|---|---|---|---|
${used.map((row) => `| \`${nameOf(row)}\` | ${flagOf(row)} | ${valuesOf(row.kind)} | ${row.meaning} |`).join('\n')}

## Keys that are understood and have no effect

They are accepted so that files written for KasmVNC load. Each that is set is noted once in the journal at the start.

| key | flag | why it has no effect |
|---|---|---|
${unused.map((row) => `| \`${nameOf(row)}\` | ${flagOf(row)} | ${row.meaning} |`).join('\n')}
`;
}

function nameOf(row: OptionRow): string {
  return row.yaml ?? '';
}

function flagOf(row: OptionRow): string {
  return row.flag === undefined ? '' : `\`-${row.flag}\``;
}

function valuesOf(kind: OptionKind): string {
  switch (kind.type) {
    case 'boolean':
      return 'true, false';
    case 'integer':
      return [`${kind.min} to ${kind.max}`, ...Object.keys(kind.words ?? {})].join(', ');
    case 'choice':
      return Object.keys(kind.values).join(', ');
    case 'geometry':
      return 'WIDTHxHEIGHT';
    case 'list':
      return 'a list';
    case 'text':
      return 'text';
  }
}

if (import.meta.main) writeFileSync(join(import.meta.dir, '..', 'docs', 'kasmvnc-yaml.md'), yamlDocument());
