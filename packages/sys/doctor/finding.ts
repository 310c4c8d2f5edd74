/** One thing that was looked at on this host. */
export interface Finding {
  readonly subject: string;
  /** `warn`: works, or may work, but is odd or untested. `missing`: sandboxes do not run without it. */
  readonly level: 'ok' | 'warn' | 'missing';
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** Where the daemon keeps and offers things, for those probes that depend on it. */
export interface HostPlaces {
  readonly dataDir: string;
  readonly socket: string;
  readonly listen: { readonly host: string; readonly port: number };
}
