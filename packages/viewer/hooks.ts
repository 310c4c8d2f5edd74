import type { DesktopSession, SessionState } from './session.ts';

/** What programs that drive a browser may ask of the page, as `window.bhatti`. Stable: tests and scripts of others stand on it. */
export interface PageHooks {
  readonly phase: SessionState['phase'];
  /** Whether the desktop is live. */
  readonly connected: boolean;
  /** How many connections have stood since the page was loaded. */
  readonly connections: number;
  /** The picture as it is on the page now, unscaled; undefined while there is none. */
  picture(): ImageData | undefined;
}

declare global {
  interface Window {
    bhatti?: PageHooks;
  }
}

export function installHooks(session: DesktopSession): { show(state: SessionState): void } {
  let phase: SessionState['phase'] = 'connecting';
  let connections = 0;
  window.bhatti = {
    get phase() {
      return phase;
    },
    get connected() {
      return phase === 'connected';
    },
    get connections() {
      return connections;
    },
    picture: () => session.rfb?.getImageData(),
  };
  return {
    show(state) {
      phase = state.phase;
      if (phase === 'connected') connections++;
    },
  };
}
