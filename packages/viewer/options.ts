/** How the desktop meets the window: scaled to fit, resized to the window's size, or pixel for pixel. */
export const scaleModes = ['fit', 'remote', 'actual'] as const;
export type ScaleMode = (typeof scaleModes)[number];

/** What the page's address asks for. Names and values that noVNC's own page knows work too, since links to desktops are written for it. */
export interface PageOptions {
  readonly scale: ScaleMode | undefined;
  readonly viewOnly: boolean;
  /** Whether the control bar is there at all; a page that frames the desktop may want it away. */
  readonly bar: boolean;
  /** WebSocket to connect to, relative to the page. */
  readonly path: string;
}

const noVncScale: Readonly<Record<string, ScaleMode>> = { scale: 'fit', remote: 'remote', off: 'actual' };

/** Reads the query of the page's address. What it does not know it leaves alone. */
export function parsePageOptions(query: string): PageOptions {
  const parameters = new URLSearchParams(query);
  const scale = parameters.get('scale');
  return {
    scale: scaleModes.find((mode) => mode === scale) ?? noVncScale[parameters.get('resize') ?? ''],
    viewOnly: isOn(parameters.get('view_only')),
    bar: !parameters.has('bar') || isOn(parameters.get('bar')),
    path: parameters.get('path') ?? 'websockify',
  };
}

/**
 * The WebSocket's address: beside the page, so that a proxy may serve the desktop below any path. `path` comes from a link that somebody else may have written, so
 * it never leads to another host.
 */
export function webSocketUrl(page: string, path: string): string {
  const base = new URL('.', page);
  const url = new URL(path, base);
  if (url.origin !== base.origin) return webSocketUrl(page, 'websockify');
  url.protocol = base.protocol === 'https:' ? 'wss:' : 'ws:';
  url.username = '';
  url.password = '';
  url.hash = '';
  return url.href;
}

/** The WebSocket about who has the input: beside that of the desktop, so that whatever serves the one serves the other. Both name the page by a token of its own. */
export function leaseUrl(webSocket: string, token: string): string {
  const url = new URL(withToken(webSocket, token));
  url.pathname = url.pathname.replace(/[^/]*$/, 'lease');
  return url.href;
}

export function withToken(webSocket: string, token: string): string {
  const url = new URL(webSocket);
  url.searchParams.set('session', token);
  return url.href;
}

function isOn(value: string | null): boolean {
  return value !== null && ['', '1', 'true', 'on', 'yes'].includes(value);
}
