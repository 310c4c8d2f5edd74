import type { Command } from 'commander';

// `bhatti serve` never comes here: bin/main.ts starts the daemon, which reads its own options. This is for help and completion.
export function define(command: Command): void {
  command.description('run the daemon in the foreground, as root; everything else talks to it').addHelpText(
    'after',
    `
Environment:
  BHATTI_DATA_DIR   images, disks and the database; default /var/lib/bhatti
  BHATTI_RUN_DIR    sockets; default /run/bhatti
  BHATTI_LISTEN     address of API and published ports; default 127.0.0.1:8080
  BHATTI_SUBNET     addresses of sandboxes; default 10.107.0.0/16`,
  );
}
