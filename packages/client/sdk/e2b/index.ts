// `@bhatti/client/e2b`: for scripts that were written for E2B Desktop. docs/sdk.md lists what differs.
export { CodedError as BhattiError, hasCode } from '@bhatti/base/errors.ts';

export { CommandExitError, type CommandHandle, type CommandResult } from './command-handle.ts';
export type { Commands, RunOptions } from './commands.ts';
export type { EntryInfo, FileData, Filesystem } from './files.ts';
export type { ConnectOptions, SandboxOptions } from './options.ts';
export { Sandbox } from './sandbox.ts';
export type { StreamStartOptions, UrlOptions, VncStream } from './stream.ts';
export type { WriteTextOptions } from './typing.ts';
