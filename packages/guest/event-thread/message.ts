import type { LogSocketKind } from '../journal/log-sockets.ts';
import type { OutputStream } from '../journal/layout.ts';
import type { RateLimitSpec } from '../journal/rate-limit.ts';

/** What the thread's owner tells it: one JSON document a line, over a pipe, since the thread sleeps in epoll_wait and has no event loop to be reached by. */
export type ThreadCommand =
  /** Move what comes out of this pipe into the unit's journal. */
  | { readonly do: 'pump'; readonly unit: string; readonly stream: OutputStream; readonly fd: number }
  /** What has come out of the pipe so far ends its line: who writes next is another, or nobody does. */
  | { readonly do: 'end-line'; readonly fd: number }
  /** Keep no more lines of this pipe than the limit allows; without one, all. */
  | { readonly do: 'limit'; readonly fd: number; readonly limit?: RateLimitSpec }
  /** Look at datagrams (sd_notify(3)) on this socket, one at a time. */
  | { readonly do: 'listen'; readonly unit: string; readonly fd: number }
  /** The datagram that was looked at has been dealt with: take it off the socket, and look at the next. */
  | { readonly do: 'next'; readonly fd: number }
  /** Write what comes to this socket into the journal; that of streams listens. */
  | { readonly do: 'log'; readonly what: LogSocketKind; readonly fd: number }
  /** Say once when this descriptor is readable: a pidfd when its process has ended. */
  | { readonly do: 'watch'; readonly fd: number }
  /** Answered when the descriptor is not looked at any more, and may be closed. */
  | { readonly do: 'forget'; readonly fd: number }
  /** Answered when everything that had been written before is in the journal. */
  | { readonly do: 'flush'; readonly id: number }
  /** Begin new files; answered as a flush is. */
  | { readonly do: 'rotate'; readonly id: number };

/** What it says. */
export type ThreadEvent =
  | { readonly kind: 'ready' }
  | { readonly kind: 'flushed'; readonly id: number }
  | ({ readonly kind: 'datagram'; readonly unit: string; readonly fd: number } & Notice)
  | { readonly kind: 'readable'; readonly fd: number }
  | { readonly kind: 'forgotten'; readonly fd: number }
  | { readonly kind: 'lossy'; readonly unit: string; readonly why: string }
  | { readonly kind: 'suppressed'; readonly unit: string; readonly lines: number };

/** One datagram, with who sent it and the descriptors beside it, which are the hearer's to close. */
export interface Notice {
  readonly pid: number;
  readonly uid: number;
  readonly text: string;
  readonly fds: readonly number[];
}

export interface ThreadStart {
  readonly commandFd: number;
  readonly journalDir: string;
  /** This lohar is the first one since the machine was started. */
  readonly isBoot: boolean;
}
