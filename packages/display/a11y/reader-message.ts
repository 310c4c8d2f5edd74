// What the streaming process and the reading process say to each other, a line of JSON each.
import type {
  A11yStatus,
  ElementDone,
  FindReply,
  FindRequest,
  FocusRequest,
  InvokeRequest,
  LocateReply,
  LocateRequest,
  SetValueRequest,
  TreeReply,
  TreeRequest,
} from '@bhatti/wire/display/a11y.ts';
import type { WireError } from '@bhatti/wire/error.ts';
/** What only the streaming process knows. */
export interface ReadingContext {
  readonly activePid?: number;
  readonly screen: { readonly width: number; readonly height: number };
}

export interface ReaderRequests {
  readonly tree: TreeRequest;
  readonly find: FindRequest;
  readonly locate: LocateRequest;
  readonly focus: FocusRequest;
  readonly invoke: InvokeRequest;
  readonly setValue: SetValueRequest;
  readonly status: Record<never, never>;
}

export interface ReaderReplies {
  readonly tree: TreeReply;
  readonly find: FindReply;
  readonly locate: LocateReply;
  readonly focus: ElementDone;
  readonly invoke: ElementDone;
  readonly setValue: ElementDone;
  readonly status: A11yStatus;
}

export type ReaderOp = keyof ReaderRequests;

export interface ReaderRequest<Op extends ReaderOp = ReaderOp> {
  readonly id: number;
  readonly op: Op;
  readonly request: ReaderRequests[Op];
  readonly context: ReadingContext;
}

export type ReaderAnswer =
  | { readonly id: number; readonly reply: unknown }
  | { readonly id: number; readonly error: WireError };
