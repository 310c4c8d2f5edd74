import { CodedError } from '@bhatti/base/errors.ts';
import { guestDisplay, guestDisplaySocket } from '@bhatti/wire/guest-paths.ts';
import { DesktopStatusSchema } from '@bhatti/wire/display/control.ts';
import { decodeReply, type Of } from '@bhatti/wire/schema.ts';
import { request } from 'node:http';

const pollMs = 25; // a request to the display server costs 0.2 ms
const maxReplyBytes = 65_536;
const defaultWaitMs = 30_000;
const viewersWaitMs = 1_000; // half of what the daemon waits for the whole answer

/** The display server's own word; with `?wait=drawn` when the desktop is drawn, or when `timeoutMs` is over. Throws DISPLAY_UNAVAILABLE. */
export async function answerDesktop(url: URL, client: AbortSignal): Promise<Response> {
  if (url.searchParams.get('wait') !== 'drawn') return Response.json(await readStatus());
  const timeoutMs = Number(url.searchParams.get('timeoutMs') ?? defaultWaitMs);
  const endMs = performance.now() + (Number.isFinite(timeoutMs) ? timeoutMs : defaultWaitMs);
  let last: unknown = new Error('not asked yet');
  while (!client.aborted && performance.now() < endMs) {
    try {
      const status = await readStatus();
      if (status.drawn) return Response.json(status);
      last = new Error(`ready: ${status.ready}, drawn: ${status.drawn}`);
    } catch (error) {
      last = error; // expected while it starts
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  throw unavailable(`not drawn in time: ${last instanceof Error ? last.message : String(last)}`, last);
}

/** Whether somebody looks at the desktop. Those who come by a port of the sandbox's own address are seen here only, and not by the daemon. */
export async function hasViewers(): Promise<boolean> {
  const signal = AbortSignal.timeout(viewersWaitMs);
  try {
    return (await readStatus(signal)).viewers > 0;
  } catch {
    return signal.aborted; // expected: there is no desktop; of one that hangs nobody knows
  }
}

async function readStatus(signal?: AbortSignal): Promise<Of<typeof DesktopStatusSchema>> {
  return decodeReply(DesktopStatusSchema, JSON.parse(await get('/status', signal)), 'the display server');
}

function get(path: string, signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: guestDisplaySocket, path, agent: false, ...(signal === undefined ? {} : { signal }) };
    const asked = request(options, (reply) => {
      const chunks: Buffer[] = [];
      let length = 0;
      reply.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > maxReplyBytes) asked.destroy(new Error('the reply is too long'));
        else chunks.push(chunk);
      });
      reply.on('end', () => resolve(Buffer.concat(chunks).toString()));
      reply.on('error', reject);
    });
    asked.on('error', (error) => reject(unavailable('the display server does not answer', error)));
    asked.end();
  });
}

function unavailable(why: string, cause: unknown): CodedError {
  return new CodedError(
    'DISPLAY_UNAVAILABLE',
    `display "${guestDisplay}" is not available: ${why}`,
    { display: guestDisplay },
    { cause, hint: 'look at "systemctl status kasmvnc xfce-session"' },
  );
}
