// Writes docs/errors.md from the error table: `bun scripts/errors-document.ts`. A test holds the two together.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ERROR_SPECS } from '@bhatti/base/errors.ts';

/** docs/errors.md, whole. */
export function renderErrorsDocument(): string {
  const rows = Object.entries(ERROR_SPECS).map(
    ([code, spec]) =>
      `| \`${code}\` | ${spec.kind} | ${spec.meaning} | ${spec.http} | ${spec.exit} | ${spec.close} | ${spec.retry ? 'yes' : 'no'} |`,
  );
  return `# Errors

Generated from \`packages/base/error-table.ts\` by \`bun scripts/errors-document.ts\`.

The code is the contract; the message is for people. The kind says who must act: the *caller* fixes the request, *access* needs a grant, *phase* means wait or change
phase, *limit* means free or buy, *host* is the administrator's, *guest* means look inside the sandbox, *peer* is the other program, *time* means try again or raise the
time-out, *bug* is ours. \`bhatti exec\` passes the command's own exit code through; its own failures there are 125 (bhatti), 126 (not executable) and 127 (not found).

| code | kind | meaning | HTTP | CLI exit | WebSocket close | trying again can help |
|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

if (import.meta.main) writeFileSync(join(import.meta.dir, '..', 'docs', 'errors.md'), renderErrorsDocument());
