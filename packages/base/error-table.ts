/** Who must act on an error. The kinds sort the table below and decide nothing by themselves. */
export type ErrorKind = 'caller' | 'access' | 'phase' | 'limit' | 'host' | 'guest' | 'peer' | 'time' | 'bug';

/** How one code appears on each surface: HTTP status, CLI exit code, WebSocket close code, and whether trying again can help. */
export interface ErrorSpec {
  readonly kind: ErrorKind;
  readonly http: number;
  readonly exit: number;
  readonly close: number;
  readonly retry: boolean;
  /** What the code means, for docs/errors.md. */
  readonly meaning: string;
}

/** The details that each code carries. A code without a row in ERROR_SPECS is a type error. */
export interface ErrorDetails {
  INVALID_ARGUMENT: { readonly argument: string; readonly value?: string };
  USAGE: { readonly command?: string };
  SANDBOX_NOT_FOUND: { readonly sandbox: string };
  IMAGE_NOT_FOUND: { readonly image: string };
  UNIT_NOT_FOUND: { readonly unit: string };
  PUBLISH_RULE_NOT_FOUND: { readonly sandbox: string; readonly port: number };
  FILE_NOT_FOUND: { readonly path: string };
  NOT_FOUND: { readonly path: string };
  ALREADY_EXISTS: { readonly what: string; readonly name: string };
  ALIAS_TAKEN: { readonly alias: string };
  IMAGE_IN_USE: { readonly image: string; readonly sandboxes: readonly string[] };
  UNAUTHENTICATED: Record<never, never>;
  FORBIDDEN: { readonly reason: string };
  VIEW_ONLY: Record<never, never>;
  UNKNOWN_HOST: { readonly host: string };
  SANDBOX_WRONG_PHASE: { readonly sandbox: string; readonly phase: string; readonly needs: readonly string[] };
  DAEMON_CLOSING: Record<never, never>;
  DAEMON_UNREACHABLE: { readonly address: string };
  LOCKED: { readonly what: string };
  INPUT_HELD: { readonly holder: string };
  SCREEN_WITHHELD: Record<never, never>;
  QUOTA_EXCEEDED: { readonly what: string; readonly limit: number };
  HOST_FULL: { readonly what: string };
  TOO_MANY_VIEWERS: { readonly limit: number };
  MESSAGE_TOO_LARGE: { readonly limitBytes: number };
  RATE_LIMITED: { readonly retryAfterMs: number };
  HOST_UNSUPPORTED: { readonly needs: string };
  TOOL_MISSING: { readonly tool: string };
  STORE_CORRUPT: { readonly path: string };
  BOOT_FAILED: { readonly sandbox: string };
  AGENT_UNREACHABLE: { readonly sandbox: string };
  UNIT_FAILED: { readonly unit: string };
  DISPLAY_UNAVAILABLE: { readonly display: string };
  A11Y_UNAVAILABLE: { readonly reason: string };
  ELEMENT_GONE: { readonly ref: string };
  BAD_GATEWAY: { readonly port: number };
  IMAGE_BUILD_FAILED: { readonly image: string };
  COMMAND_FAILED: { readonly command: string; readonly exitCode: number };
  PROTOCOL_VIOLATION: { readonly peer: string };
  VERSION_UNSUPPORTED: { readonly version: string };
  SNAPSHOT_INCOMPATIBLE: { readonly reason: string };
  CONNECTION_LOST: { readonly peer: string };
  TIMED_OUT: { readonly afterMs: number };
  ABORTED: { readonly by: string };
  INTERNAL: Record<never, never>;
}

export type ErrorCode = keyof ErrorDetails;

function spec(kind: ErrorKind, http: number, exit: number, close: number, retry: boolean, meaning: string): ErrorSpec {
  return { kind, http, exit, close, retry, meaning };
}

export const ERROR_SPECS: { readonly [C in ErrorCode]: ErrorSpec } = {
  INVALID_ARGUMENT: spec('caller', 400, 2, 4400, false, 'a value is outside what the request allows'),
  USAGE: spec('caller', 400, 2, 4400, false, 'the command line is not one that the program knows'),
  SANDBOX_NOT_FOUND: spec('caller', 404, 2, 4400, false, 'no sandbox has this name or id'),
  IMAGE_NOT_FOUND: spec('caller', 404, 2, 4400, false, 'no image has this name'),
  UNIT_NOT_FOUND: spec('caller', 404, 2, 4400, false, 'no unit has this name'),
  PUBLISH_RULE_NOT_FOUND: spec('caller', 404, 2, 4400, false, 'the sandbox does not publish this port'),
  FILE_NOT_FOUND: spec('caller', 404, 2, 4400, false, 'no file is at this path'),
  NOT_FOUND: spec('caller', 404, 2, 4400, false, 'nothing is at this path of the API'),
  ALREADY_EXISTS: spec('caller', 409, 2, 4400, false, 'the name is in use'),
  ALIAS_TAKEN: spec('caller', 409, 2, 4400, false, 'the alias belongs to another publish rule'),
  IMAGE_IN_USE: spec('caller', 409, 2, 4400, false, 'sandboxes still stand on this image'),
  UNAUTHENTICATED: spec('access', 401, 3, 4401, false, 'no valid credentials came with the request'),
  FORBIDDEN: spec('access', 403, 3, 4403, false, 'the credentials do not allow this'),
  VIEW_ONLY: spec('access', 403, 3, 4403, false, 'the viewer may look but not act'),
  UNKNOWN_HOST: spec('access', 421, 3, 4403, false, 'the Host header names nothing that is served here'),
  SANDBOX_WRONG_PHASE: spec('phase', 409, 4, 4409, true, 'the sandbox is not in a phase in which this is legal'),
  DAEMON_CLOSING: spec('phase', 503, 4, 4409, true, 'the daemon is stopping'),
  DAEMON_UNREACHABLE: spec('phase', 503, 4, 4409, true, 'no daemon answers at this address'),
  LOCKED: spec('phase', 409, 4, 4409, true, 'another operation holds this'),
  INPUT_HELD: spec('phase', 409, 4, 4409, true, 'a person has the keyboard and the pointer'),
  SCREEN_WITHHELD: spec('phase', 409, 4, 4409, true, 'a person does something that no pictures are given of'),
  QUOTA_EXCEEDED: spec('limit', 429, 5, 4429, false, 'the owner has reached a limit'),
  HOST_FULL: spec('limit', 507, 5, 4429, false, 'the host has no room left for this'),
  TOO_MANY_VIEWERS: spec('limit', 429, 5, 4429, true, 'the display serves as many viewers as it may'),
  MESSAGE_TOO_LARGE: spec('limit', 413, 5, 4429, false, 'a message is larger than its limit'),
  RATE_LIMITED: spec('limit', 429, 5, 4429, true, 'too many attempts from this address'),
  HOST_UNSUPPORTED: spec('host', 501, 6, 1011, false, 'the host lacks something that is needed'),
  TOOL_MISSING: spec('host', 500, 6, 1011, false, 'a program that is needed is not installed'),
  STORE_CORRUPT: spec('host', 500, 6, 1011, false, 'the database cannot be read'),
  BOOT_FAILED: spec('guest', 502, 7, 4502, true, 'the sandbox did not come up'),
  AGENT_UNREACHABLE: spec('guest', 502, 7, 4502, true, 'the guest agent does not answer'),
  UNIT_FAILED: spec('guest', 502, 7, 4502, false, 'a unit failed'),
  DISPLAY_UNAVAILABLE: spec('guest', 502, 7, 4502, true, 'the desktop is not there'),
  A11Y_UNAVAILABLE: spec(
    'guest',
    503,
    7,
    4502,
    true,
    'the accessibility tree cannot be read; the desktop itself is not concerned',
  ),
  ELEMENT_GONE: spec('guest', 410, 7, 4502, false, 'the element that this ref named is not there any more'),
  BAD_GATEWAY: spec('guest', 502, 7, 4502, true, 'nothing answers at this port of the sandbox'),
  IMAGE_BUILD_FAILED: spec('host', 500, 6, 1011, false, 'the image could not be built'),
  COMMAND_FAILED: spec('host', 500, 6, 1011, false, 'a program that was called for this failed'),
  PROTOCOL_VIOLATION: spec('peer', 400, 8, 1002, false, 'the other side broke the protocol'),
  VERSION_UNSUPPORTED: spec('peer', 426, 8, 1002, false, 'the other side speaks another version'),
  SNAPSHOT_INCOMPATIBLE: spec('peer', 400, 8, 1002, false, 'the snapshot cannot be loaded here'),
  CONNECTION_LOST: spec('peer', 502, 8, 1002, true, 'the other side vanished'),
  TIMED_OUT: spec('time', 504, 9, 1011, true, 'it took longer than its time-out'),
  ABORTED: spec('time', 499, 130, 1000, true, 'it was cancelled'),
  INTERNAL: spec('bug', 500, 70, 1011, false, 'a defect in bhatti itself'),
};
