// `@bhatti/client`: the SDK. What else is in the package is what the command line and the packages around it stand on.
export { CodedError as BhattiError, hasCode } from '@bhatti/base/errors.ts';
export type { ErrorCode, ErrorDetails } from '@bhatti/base/errors.ts';
export type { Health } from '@bhatti/wire/control/health.ts';
export type {
  Action,
  ActionName,
  ActionResult,
  Batch,
  BatchReply,
  Button,
  Picture,
  PictureFormat,
  Point,
  ScreenshotRequest,
  SettleRequest,
  Size,
} from '@bhatti/wire/display/action.ts';
export type { DesktopStatus, DesktopWindow, Screen } from '@bhatti/wire/display/control.ts';

export { Bhatti, type BhattiOptions } from './bhatti.ts';
export type { Content, ContentStream } from './bytes.ts';
export type { CallOptions } from './calls.ts';
export type { ActOptions, BatchOptions, DesktopDefaults } from './desktop/act.ts';
export type { Clipboard } from './desktop/clipboard.ts';
export type { Desktop } from './desktop/desktop.ts';
export type { WindowControl } from './desktop/window-control.ts';
export type { CommandOptions, DetachedExec, Exec, ExecOptions, ExecResult, StreamOptions } from './exec.ts';
export type { ExecChunk, ExecExit, ExecProcess, ExecStdin, SignalName } from './exec-process.ts';
export type { DirectoryEntry, Files, WriteOptions } from './files.ts';
export type { FileStat } from '../files.ts';
export type { HostOptions } from './host.ts';
export type { ImageInfo, Images } from './images.ts';
export type { OpenPort, PublishedPort } from './ports.ts';
export type { SandboxFile, SandboxInfo, SandboxSpec } from './sandbox-info.ts';
export type { CreatedSandbox, ListOptions, Sandboxes } from './sandboxes.ts';
export type { Sandbox, SandboxChange } from './sandbox.ts';
export type { ApiReply, ApiRequest, Caller, MessageSocket, SocketOpening, Transport } from '../transport.ts';
