// Writes docs/cli.md from the commands' own help: `bun scripts/cli-document.ts`. A test holds the two together.
import { COMMAND_GROUPS } from '@bhatti/cli/command-table.ts';
import { loadCommand } from '@bhatti/cli/dispatch.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** docs/cli.md, whole. */
export async function renderCliDocument(): Promise<string> {
  const parts: string[] = [];
  for (const { title, commands } of COMMAND_GROUPS) {
    parts.push(`## ${title}\n`);
    for (const entry of commands) {
      const { command } = await loadCommand(entry);
      const alias = entry.alias === undefined ? '' : ` (\`${entry.alias}\`)`;
      parts.push(`### bhatti ${entry.name}${alias}\n`, `\`\`\`text\n${helpOf(command)}\n\`\`\`\n`);
    }
  }
  return `# Commands

Generated from the commands' own help by \`bun scripts/cli-document.ts\`.

**Which daemon.** \`--url\` and \`--token\`, else \`api_url\` and \`auth_token\` in \`~/.bhatti/config.yaml\` (or the file that \`BHATTI_CONFIG\` names), else
\`BHATTI_URL\` and \`BHATTI_TOKEN\`, else the unix socket of this machine, \`/run/bhatti/bhatti.sock\` (\`BHATTI_RUN_DIR\`), which is for root and group \`bhatti\` and needs no key.

**Failures** are two lines on standard error, \`error:\` and \`hint:\`, and an exit code out of [the table](errors.md), never 1; with \`--json\` they are one line of JSON with
\`code\`, \`message\`, \`hint\` and \`details\`. Results go to standard output, remarks to standard error. Colour is for terminals, and \`NO_COLOR\` switches it off.

**Completion.** \`bhatti completion bash > /etc/bash_completion.d/bhatti\`, and the same for \`zsh\` and \`fish\`.

${parts.join('\n')}`;
}

/** As `--help` prints it, at the width of a narrow terminal. */
function helpOf(command: Awaited<ReturnType<typeof loadCommand>>['command']): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 100 });
  command.outputHelp();
  return text.trimEnd();
}

if (import.meta.main) writeFileSync(join(import.meta.dir, '..', 'docs', 'cli.md'), await renderCliDocument());
