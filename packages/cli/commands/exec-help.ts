import type { Command } from 'commander';

// For help and completion only: `bhatti exec` reads its command line in exec-arguments.ts.
export function define(command: Command): void {
  command
    .description('run a command in a sandbox, as user lohar, and exit as it did')
    .usage('[options] NAME [options] -- COMMAND [ARGUMENT…]')
    .argument('<name>', 'name or id')
    .argument('<command...>', 'behind "--"; never looked into')
    .option('--timeout <s>', 'end it after this many seconds (exit code 124); 0 = never', '0')
    .option('--env <k=v,…>', 'its environment; may be repeated')
    .option('--cwd <path>', 'its working directory; default /')
    .option('--user <user>', 'name or number; default lohar')
    .option('--detach', 'leave it running; print its pid and the file of its output')
    .option('-t, --tty', 'give it a terminal')
    .option('-i, --interactive', 'send standard input even where it is a terminal')
    .option('-n, --no-stdin', 'send none, even where it is a pipe or a file')
    .addHelpText(
      'after',
      `
Standard input is sent where it is a pipe or a file. Ctrl-C reaches the command; a second one ends it.
Exit code: the command's own; 124 time-out, 125 failure of bhatti, 126 not allowed to run, 127 no such command.

  bhatti exec desk -- screenshot --base64 > frame.b64
  tar c . | bhatti exec desk --cwd /workspace -- tar x`,
    );
}
