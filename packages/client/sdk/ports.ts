import type { PublishRule } from '@bhatti/wire/control/publish.ts';

/** A port of a sandbox, reachable from outside. */
export interface PublishedPort {
  readonly port: number;
  readonly alias: string;
  /** What to open. */
  readonly url: string;
  /** Host name and address to connect to, for programs that cannot resolve the URL's host. */
  readonly host: string;
  readonly connect: string;
  /** The line that makes the same URL work on another machine; where the URL is of this machine only. */
  readonly tunnel: string | undefined;
}

export interface OpenPort {
  readonly port: number;
  /** Where it is published. */
  readonly url: string | undefined;
}

export function publishedOf({ port, alias, url, host, connect, tunnel }: PublishRule): PublishedPort {
  return { port, alias, url, host, connect, tunnel };
}
