import { requestTarget } from '../transport/request-target.ts';
import type { Credential } from '../credentials/password-file.ts';
import type { ViewerIdentity } from '../viewer-session/viewer-session.ts';
import { errorResponse, integerOf, pictureResponse, type ControlledDesktop } from './control-api.ts';

/** What KasmVNC's own HTTP API is about, beside the desktop. */
export interface KasmSubject {
  readonly desktop: ControlledDesktop;
  credentials(): readonly Credential[];
  viewers(): readonly ViewerIdentity[];
  /** Sends every viewer everything again. */
  resendAll(): void;
}

/** Whether a GET of this path changes something. */
export function kasmApiChanges(path: string): boolean {
  return path === '/send_full_frame';
}

let lastPicture: { readonly key: string; readonly serial: number } | undefined;

/** Answers the part of KasmVNC's API that agents use: same paths, parameters, and plain-text or JSON bodies. Undefined for other paths. */
export async function answerKasm(subject: KasmSubject, request: Request, path: string): Promise<Response | undefined> {
  try {
    const { query } = requestTarget(request);
    switch (path) {
      case '/get_screenshot':
        return await screenshot(subject.desktop, query);
      case '/get_users':
        return Response.json(
          subject
            .credentials()
            .map(({ user, rights }) => ({ user, read: rights.read, write: rights.write, owner: rights.owner })),
        );
      case '/get_sessions':
        return Response.json({
          users: subject.viewers().map(({ credential, connectedAt }) => ({
            username: credential.user,
            connected_since: connectedAt.toISOString().slice(0, 19).replace('T', ' '),
          })),
        });
      case '/send_full_frame':
        subject.resendAll();
        return new Response('200 OK');
      default:
        return undefined;
    }
  } catch (error) {
    return errorResponse(error);
  }
}

async function screenshot(desktop: ControlledDesktop, query: URLSearchParams): Promise<Response> {
  const width = integerOf(query, 'width', { min: 1, max: 65_535, fallback: 4096 });
  const height = integerOf(query, 'height', { min: 1, max: 65_535, fallback: 4096 });
  const level = integerOf(query, 'quality', { min: 0, max: 9, fallback: 7 });
  const quality = Math.max(1, Math.round((level * 100) / 9));
  const wish = { format: 'jpeg', quality, withCursor: false, fit: { width, height } } as const;
  const { bytes, frameSerial } = await desktop.screenshot(wish);
  const key = `${width} ${height} ${level}`;
  if (query.get('deduplicate') === 'true' && lastPicture?.key === key && lastPicture.serial === frameSerial) {
    return new Response(frameSerial.toString(16).padStart(16, '0'));
  }
  lastPicture = { key, serial: frameSerial };
  return pictureResponse(bytes, 'jpeg');
}
