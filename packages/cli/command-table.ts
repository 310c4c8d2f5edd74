import type { Command } from 'commander';

import type { GlobalOptions } from './arguments.ts';

/** What a command gets beside its own arguments. */
export interface CommandContext {
  readonly options: GlobalOptions;
  /** Exit code of a command that did its work; default 0. */
  exitCode: number;
}

/** Adds arguments, options and the action to an empty command. */
export type DefineCommand = (command: Command, context: CommandContext) => void;

export interface CommandEntry {
  /** One word, or two: `image build`. */
  readonly name: string;
  readonly alias?: string;
  readonly summary: string;
  readonly load: () => Promise<DefineCommand>;
}

export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly CommandEntry[];
}

/** Every command of the program; each file is loaded only when its command is called. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  {
    title: 'Sandboxes',
    commands: [
      {
        name: 'create',
        summary: 'make a sandbox and start it',
        load: async () => (await import('./commands/sandbox-create.ts')).define,
      },
      {
        name: 'list',
        alias: 'ls',
        summary: 'list sandboxes',
        load: async () => (await import('./commands/sandbox-list.ts')).define,
      },
      {
        name: 'inspect',
        alias: 'info',
        summary: 'show all about one sandbox',
        load: async () => (await import('./commands/sandbox-inspect.ts')).define,
      },
      {
        name: 'start',
        summary: 'start a stopped sandbox',
        load: async () => (await import('./commands/sandbox-start.ts')).define,
      },
      {
        name: 'stop',
        summary: 'stop a sandbox; its files stay',
        load: async () => (await import('./commands/sandbox-stop.ts')).define,
      },
      {
        name: 'pause',
        summary: 'freeze a sandbox as it stands',
        load: async () => (await import('./commands/sandbox-pause.ts')).define,
      },
      {
        name: 'resume',
        summary: 'let a paused sandbox go on',
        load: async () => (await import('./commands/sandbox-resume.ts')).define,
      },
      {
        name: 'edit',
        summary: 'change name, labels or keep-hot',
        load: async () => (await import('./commands/sandbox-edit.ts')).define,
      },
      {
        name: 'destroy',
        alias: 'rm',
        summary: 'remove a sandbox and all that is in it',
        load: async () => (await import('./commands/sandbox-destroy.ts')).define,
      },
    ],
  },
  {
    title: 'Inside a sandbox',
    commands: [
      {
        name: 'exec',
        summary: 'run a command: bhatti exec NAME -- COMMAND',
        load: async () => (await import('./commands/exec-help.ts')).define,
      },
      {
        name: 'shell',
        alias: 'sh',
        summary: 'open a shell; Ctrl+\\ leaves it running',
        load: async () => (await import('./commands/shell.ts')).define,
      },
      {
        name: 'ps',
        summary: 'list sessions',
        load: async () => (await import('./commands/session-list.ts')).define,
      },
      {
        name: 'file read',
        summary: 'write a file to standard output',
        load: async () => (await import('./commands/file-read.ts')).define,
      },
      {
        name: 'file write',
        summary: 'replace a file with standard input',
        load: async () => (await import('./commands/file-write.ts')).define,
      },
      {
        name: 'file ls',
        summary: 'list a directory',
        load: async () => (await import('./commands/file-ls.ts')).define,
      },
      {
        name: 'lease',
        summary: 'who has keyboard and pointer; ask a person for help',
        load: async () => (await import('./commands/lease.ts')).define,
      },
    ],
  },
  {
    title: 'Ports',
    commands: [
      {
        name: 'publish',
        summary: 'give a port a URL',
        load: async () => (await import('./commands/publish.ts')).define,
      },
      {
        name: 'unpublish',
        summary: 'take the URL away',
        load: async () => (await import('./commands/unpublish.ts')).define,
      },
      {
        name: 'ports',
        summary: 'list ports that something listens on',
        load: async () => (await import('./commands/port-list.ts')).define,
      },
    ],
  },
  {
    title: 'AI models',
    commands: [
      {
        name: 'mcp',
        summary: 'serve sandboxes by the Model Context Protocol',
        load: async () => (await import('./commands/mcp.ts')).define,
      },
    ],
  },
  {
    title: 'Images',
    commands: [
      {
        name: 'image build',
        summary: 'build a tier: minimal, computer',
        load: async () => (await import('./commands/image-build.ts')).define,
      },
      {
        name: 'image list',
        summary: 'list images',
        load: async () => (await import('./commands/image-list.ts')).define,
      },
      {
        name: 'image delete',
        summary: 'delete an image that no sandbox uses',
        load: async () => (await import('./commands/image-delete.ts')).define,
      },
      {
        name: 'update',
        summary: 'build images again whose recipe has changed',
        load: async () => (await import('./commands/update.ts')).define,
      },
    ],
  },
  {
    title: 'Host',
    commands: [
      {
        name: 'serve',
        summary: 'run the daemon (as root)',
        load: async () => (await import('./commands/serve-help.ts')).define,
      },
      {
        name: 'doctor',
        summary: 'say what is missing or odd on this host',
        load: async () => (await import('./commands/doctor.ts')).define,
      },
      {
        name: 'user create',
        summary: 'make a user and print the API key',
        load: async () => (await import('./commands/user-create.ts')).define,
      },
      {
        name: 'user list',
        summary: 'list users',
        load: async () => (await import('./commands/user-list.ts')).define,
      },
      {
        name: 'user delete',
        summary: 'delete a user and the API key',
        load: async () => (await import('./commands/user-delete.ts')).define,
      },
      {
        name: 'version',
        summary: 'show versions of program and daemon',
        load: async () => (await import('./commands/version.ts')).define,
      },
      {
        name: 'completion',
        summary: 'print a completion script: bash, zsh, fish',
        load: async () => (await import('./commands/completion.ts')).define,
      },
    ],
  },
];

export const COMMANDS: readonly CommandEntry[] = COMMAND_GROUPS.flatMap((group) => group.commands);
