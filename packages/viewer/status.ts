import type { SessionState } from './session.ts';

/** What the page says about the connection. An empty title says nothing: all is well. */
export interface StatusText {
  readonly title: string;
  readonly detail: string;
  readonly action: 'none' | 'retry' | 'sign-in';
  readonly isBusy: boolean;
}

const quiet: StatusText = { title: '', detail: '', action: 'none', isBusy: false };

/** `hadDesktop`: whether a picture of the desktop is still on the page. */
export function describeStatus(state: SessionState, context: { hadDesktop: boolean; nowMs: number }): StatusText {
  switch (state.phase) {
    case 'connected':
      return quiet;
    case 'connecting':
      return { ...quiet, title: context.hadDesktop ? 'Reconnecting…' : 'Connecting…', isBusy: true };
    case 'waiting':
      return { ...describeWait(state.cause), detail: retryText(state.retryAtMs - context.nowMs), action: 'retry' };
    case 'signed-out':
      return {
        title: 'Signed out',
        detail: 'The desktop no longer accepts this password.',
        action: 'sign-in',
        isBusy: false,
      };
    case 'ended':
      return { title: 'Disconnected', detail: state.reason, action: 'retry', isBusy: false };
  }
}

function describeWait(cause: 'unreachable' | 'restarting' | 'full'): StatusText {
  if (cause === 'restarting') return { ...quiet, title: 'The desktop is restarting', isBusy: true };
  if (cause === 'full') return { ...quiet, title: 'Too many viewers', isBusy: true };
  return { ...quiet, title: 'Connection lost', isBusy: true };
}

/** Seconds only where there are some to count: a text that flickers through "0 s" is no calm one. */
function retryText(leftMs: number): string {
  const seconds = Math.round(leftMs / 1000);
  return seconds >= 2 ? `Trying again in ${seconds} seconds` : 'Trying again';
}
