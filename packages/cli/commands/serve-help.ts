import type { Command } from 'commander';

// `bhatti serve` never comes here: bin/main.ts starts the daemon, which reads its own options. This is for the list of commands and for completion.
export function define(command: Command): void {
  command
    .description('run the daemon in the foreground, as root; everything else talks to it')
    .option('--config <file>', 'default /etc/bhatti/config.yaml, if it exists')
    .option('--listen <addr:port>', 'API and published ports (BHATTI_LISTEN)', '127.0.0.1:8080')
    .option('--data-dir <dir>', 'images, sandboxes, database (BHATTI_DATA_DIR)', '/var/lib/bhatti')
    .option('--run-dir <dir>', 'control socket and what a reboot may clear (BHATTI_RUN_DIR)', '/run/bhatti')
    .option('--instance <name>', 'prefix of bridges, firewall tables and cgroups (BHATTI_INSTANCE)', 'bhatti')
    .option('--subnet <net>', 'addresses of sandboxes (BHATTI_SUBNET)', '10.107.0.0/16')
    .option('--debug <patterns>', 'also log these events, e.g. daemon:request,publish:*')
    .option('--destroy-unknown', 'with a new database, remove sandboxes that it does not know');
}
