import { toCodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';

import { run } from '../process/run.ts';
import type { Finding } from './finding.ts';

interface Tool {
  readonly name: string;
  /** Debian package that has it. */
  readonly debian: string;
  readonly version?: readonly string[];
}

const tools: readonly Tool[] = [
  { name: 'runc', debian: 'runc', version: ['--version'] },
  { name: 'mmdebstrap', debian: 'mmdebstrap', version: ['--version'] },
  { name: 'nft', debian: 'nftables', version: ['--version'] },
  { name: 'ip', debian: 'iproute2', version: ['-V'] },
  { name: 'mkfs.ext4', debian: 'e2fsprogs' },
  { name: 'e2fsck', debian: 'e2fsprogs' },
  { name: 'nsenter', debian: 'util-linux' },
];

/** One finding for each tool that has a version worth knowing, one for all the others together. */
export async function probeTools(op: Operation): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const tool of tools) {
    if (Bun.which(tool.name) === null) findings.push(missingTool(tool));
    else if (tool.version !== undefined)
      findings.push({ subject: tool.name, level: 'ok', found: await versionOf(op, tool.name, tool.version) });
  }
  return findings;
}

function missingTool({ name, debian }: Tool): Finding {
  return { subject: name, level: 'missing', found: 'not installed', advice: `apt-get install ${debian}` };
}

async function versionOf(op: Operation, name: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await run(op, [name, ...args]);
    const line = (stdout || stderr).split('\n', 1)[0] ?? '';
    return /\d+(\.\d+)+[^\s,]*/.exec(line)?.[0] ?? line.trim();
  } catch (error) {
    return toCodedError(error).message; // it is there; what it says about itself is all we want
  }
}
