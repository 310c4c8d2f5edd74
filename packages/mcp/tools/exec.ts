import type { ExecResult } from '@bhatti/client/exec.ts';
import * as v from 'valibot';

import { cutMiddle } from '../cut.ts';
import { described } from '../json-schema.ts';
import { documentResult } from '../result.ts';
import { sandboxTool, type Tool, type ToolContext } from '../tool.ts';

const defaultTimeoutMs = 50_000; // many clients give a call up after 60 s, and would then see no output at all
const maxTimeoutMs = 86_400_000;
const defaultOutputBytes = 32_768; // about 8000 tokens each of stdout and stderr
const maxOutputBytes = 4_194_304;

const text = (maxLength: number) => v.pipe(v.string(), v.maxLength(maxLength));

export function execTool(context: ToolContext): Tool {
  return sandboxTool(
    context,
    {
      name: 'exec',
      title: 'Run a command',
      description:
        'Runs a command in the sandbox to its end and gives exit code, stdout and stderr. No shell reads it: for pipes and the like use ["sh", "-c", "…"]. It runs as user lohar, who may use sudo ' +
        'without a password. Long output is cut in the middle, and says so. What shall go on running needs detach.',
      scopes: ['exec'],
      effect: 'acts',
      world: 'open',
      entries: {
        command: described(
          v.pipe(v.array(text(131_072)), v.minLength(1), v.maxLength(4_096)),
          'Program and arguments, e.g. ["ls", "-l", "/tmp"].',
        ),
        stdin: described(v.optional(text(8_388_608)), 'Standard input, as text; empty without it.'),
        cwd: described(v.optional(text(4_096)), 'Working directory; default /.'),
        env: described(v.optional(v.record(v.string(), v.string())), 'Environment, beside that of the sandbox.'),
        user: described(v.optional(text(64)), 'Default lohar.'),
        timeoutMs: described(
          v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxTimeoutMs))),
          `The command is ended after this; default ${defaultTimeoutMs}.`,
        ),
        maxOutputBytes: described(
          v.optional(v.pipe(v.number(), v.integer(), v.minValue(256), v.maxValue(maxOutputBytes))),
          `Of stdout, and of stderr, at most this much is given; default ${defaultOutputBytes}.`,
        ),
        detach: described(
          v.optional(v.boolean()),
          'Leave it running without a time-out and return at once, with its pid and the file of its output.',
        ),
      },
    },
    async (caller, sandbox, args) => {
      const { command, stdin, cwd, env, user, timeoutMs = defaultTimeoutMs } = args;
      const request = {
        argv: command,
        ...(stdin === undefined ? {} : { stdinBase64: Buffer.from(stdin).toString('base64') }),
        ...(cwd === undefined ? {} : { cwd }),
        ...(env === undefined ? {} : { env }),
        ...(user === undefined ? {} : { user }),
      };
      if (args.detach === true) return documentResult(await context.daemon.exec.detach(caller, sandbox, request));
      const result = await context.daemon.exec.run(caller, sandbox, { ...request, timeoutMs });
      return execResult(result, args.maxOutputBytes ?? defaultOutputBytes);
    },
  );
}

/** That the command failed is its result, not an error of the tool. */
function execResult(result: ExecResult, maxBytes: number) {
  const stdout = cutMiddle(result.stdout, maxBytes);
  const stderr = cutMiddle(result.stderr, maxBytes);
  const document = {
    exitCode: result.exitCode,
    ...(result.signal === undefined ? {} : { signal: result.signal }),
    ...(result.timedOut ? { timedOut: true } : {}),
    stdout: stdout.text,
    stderr: stderr.text,
    ...(stdout.omittedBytes === 0 ? {} : { stdoutOmittedBytes: stdout.omittedBytes }),
    ...(stderr.omittedBytes === 0 ? {} : { stderrOmittedBytes: stderr.omittedBytes }),
    // The guest keeps the first 10 MiB.
    ...(result.truncated ? { truncated: true } : {}),
  };
  const parts = [stateLine(result)];
  if (stdout.text !== '') parts.push(`stdout:\n${stdout.text}`);
  if (stderr.text !== '') parts.push(`stderr:\n${stderr.text}`);
  return documentResult(document, parts.join('\n'));
}

function stateLine({ exitCode, signal, timedOut, truncated }: ExecResult): string {
  const remarks = [
    timedOut ? 'ended after its time-out' : undefined,
    signal === undefined ? undefined : `ended by signal ${signal}`,
    truncated ? 'output beyond 10 MiB is lost' : undefined,
  ].filter((remark) => remark !== undefined);
  return `exit code ${exitCode}${remarks.map((remark) => `; ${remark}`).join('')}`;
}
