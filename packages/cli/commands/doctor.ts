import { startOperation } from '@bhatti/base/operation.ts';
import { examineHost } from '@bhatti/sys/doctor/examine.ts';
import type { Finding } from '@bhatti/sys/doctor/finding.ts';
import type { Command } from 'commander';

import type { CommandContext } from '../command-table.ts';
import { printJson, printLine, styled } from '../output.ts';

const exitMissing = 6; // HOST_UNSUPPORTED, TOOL_MISSING

export function define(command: Command, context: CommandContext): void {
  command
    .addHelpText('after', '\nExit code: 0 when sandboxes can run here, 6 when something that they need is missing.')
    .action(async () => {
      using op = startOperation({ timeoutMs: 30_000 });
      const findings = await examineHost(op, hostPlaces());
      const isUsable = findings.every(({ level }) => level !== 'missing');
      context.exitCode = isUsable ? 0 : exitMissing;
      if (context.options.json) return printJson({ usable: isUsable, findings });
      await printLine(formatFindings(findings));
      await printLine(`\n${summary(findings)}`);
    });
}

function hostPlaces() {
  const { BHATTI_DATA_DIR, BHATTI_RUN_DIR, BHATTI_LISTEN } = process.env;
  const [, host = '127.0.0.1', port = '8080'] = /^(.*):(\d+)$/.exec(BHATTI_LISTEN ?? '127.0.0.1:8080') ?? [];
  return {
    dataDir: BHATTI_DATA_DIR ?? '/var/lib/bhatti',
    socket: `${BHATTI_RUN_DIR ?? '/run/bhatti'}/bhatti.sock`,
    listen: { host, port: Number(port) },
  };
}

const marks = { ok: 'green', warn: 'yellow', missing: 'red' } as const;

export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length)) + 2;
  return findings
    .map(({ level, subject, found, advice }) => {
      const line = `${styled(1, marks[level], level.padEnd(8))}${subject.padEnd(width)}${found}`;
      return advice === undefined ? line : `${line}\n${' '.repeat(8 + width)}${styled(1, 'dim', `→ ${advice}`)}`;
    })
    .join('\n');
}

function summary(findings: readonly Finding[]): string {
  const missing = findings.filter(({ level }) => level === 'missing').map(({ subject }) => subject);
  if (missing.length > 0) return `Sandboxes cannot run here yet; missing: ${missing.join(', ')}.`;
  const odd = findings.filter(({ level }) => level === 'warn').length;
  return odd === 0 ? 'All is well.' : `Sandboxes can run here; ${odd === 1 ? 'one remark' : `${odd} remarks`} above.`;
}
