import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
// The bundler puts the text of the built web client into the executable.
import html from '../../../dist/viewer/index.html' with { type: 'text' };
import trajectoryHtml from '../../../dist/viewer/trajectory.html' with { type: 'text' };

/** The web client: one page that needs nothing else. */
export interface Page {
  answer(request: Request): Response;
}

export function openPage(): Page {
  // WHY: the types of bundled HTML describe the import without `type: 'text'`.
  return makePage(html as unknown as string);
}

/** The page that shows recorded trajectories. */
export function openTrajectoryPage(): Page {
  // WHY: as above.
  return makePage(trajectoryHtml as unknown as string);
}

export function makePage(text: string): Page {
  const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  const scripts = scriptHashes(text);
  let compressed: Uint8Array<ArrayBuffer> | undefined;

  return {
    answer(request) {
      const headers: Record<string, string> = {
        'Content-Type': 'text/html; charset=utf-8',
        'Content-Security-Policy': policy(scripts, request.headers.get('host') ?? ''),
        // Kept, but asked about each time: the page belongs to this version of the server.
        'Cache-Control': 'private, no-cache',
        ETag: etag,
        Vary: 'Accept-Encoding',
      };
      if (request.headers.get('if-none-match')?.includes(etag)) return new Response(null, { status: 304, headers });
      if (!/\bgzip\b/.test(request.headers.get('accept-encoding') ?? '')) return new Response(text, { headers });
      compressed ??= gzipSync(text);
      return new Response(compressed, { headers: { ...headers, 'Content-Encoding': 'gzip' } });
    },
  };
}

/** Only the page's own scripts run, and it talks to nobody but this server. */
function policy(scripts: readonly string[], host: string): string {
  // Not every browser counts WebSockets of the same host as 'self'.
  const sockets = /^[\w.:[\]-]{1,255}$/.test(host) ? ` ws://${host} wss://${host}` : '';
  return [
    "default-src 'none'",
    `script-src ${scripts.length === 0 ? "'none'" : scripts.join(' ')}`,
    // The client sets styles of elements as it draws.
    "style-src 'unsafe-inline'",
    "img-src 'self' data: blob:",
    'media-src blob:',
    'worker-src blob:',
    `connect-src 'self'${sockets}`,
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
}

function scriptHashes(text: string): string[] {
  return [...text.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/gi)].map(
    ([, body = '']) => `'sha256-${createHash('sha256').update(body).digest('base64')}'`,
  );
}
