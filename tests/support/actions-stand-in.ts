// Stands in for the daemon's `POST /sandboxes/:id/actions`, which nothing carries out yet: it accepts what BatchSchema accepts and answers what BatchReplySchema wants.
import { toCodedError } from '@bhatti/base/errors.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import {
  BatchSchema,
  type Action,
  type ActionName,
  type ActionResult,
  type Batch,
  type BatchReply,
  type Picture,
} from '@bhatti/wire/display/action.ts';

/** One pixel each. */
export const pixels = {
  png: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  jpeg: '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AN//Z',
  webp: 'UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==',
} as const;

export const screen = { width: 1280, height: 720, depth: 24 };

export interface StandIn extends AsyncDisposable {
  readonly url: string;
  /** What arrived, with the sandbox that it was for. */
  readonly batches: { readonly sandbox: string; readonly batch: Batch }[];
  /** Requests whose client went away before the answer. */
  aborted(): number;
}

/** `picture`: the base64 that pictures have, where it shall not be a right one. */
export function standInForActions(options: { picture?: string } = {}): StandIn {
  const batches: StandIn['batches'] = [];
  let aborted = 0;
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const [, kind, sandbox, what] = new URL(request.url).pathname.split('/');
      if (request.method !== 'POST' || kind !== 'sandboxes' || sandbox === undefined || what !== 'actions')
        return Response.json({ code: 'NOT_FOUND', message: 'not here', details: {} }, { status: 404 });
      try {
        const batch = decodeRequest(BatchSchema, await request.json(), 'batch');
        batches.push({ sandbox, batch });
        request.signal.addEventListener('abort', () => (aborted += 1));
        for (const action of batch.actions) if (action.do === 'wait') await pause(request.signal, action.ms);
        return Response.json(replyTo(batch, options.picture));
      } catch (thrown) {
        const error = toCodedError(thrown);
        return Response.json(encodeError(error), { status: error.spec.http });
      }
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    batches,
    aborted: () => aborted,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

function replyTo(batch: Batch, data: string | undefined): BatchReply {
  const results: ActionResult[] = [];
  let isOver = false;
  for (const action of batch.actions) {
    const base = { do: action.do, changed: false, frameSerial: 7, ms: 1 };
    if (isOver) results.push({ ...base, ok: false, skipped: true });
    else {
      const result: ActionResult = { ...base, ok: true, ...outcomeOf(action, data) };
      results.push(result);
      isOver = !result.ok && batch.goOn !== true;
    }
  }
  return {
    results,
    ok: results.every(({ ok }) => ok),
    screen,
    frameSerial: 7,
    ms: 3,
    ...(batch.screenshot === undefined ? {} : { screenshot: picture(batch.screenshot.format, data) }),
  };
}

function outcomeOf(action: Action, data: string | undefined): Partial<ActionResult> {
  if (action.do === 'screenshot' || action.do === 'zoom') return { picture: picture(action.format, data) };
  return outcomes[action.do] ?? { changed: true };
}

const outcomes: Readonly<Partial<Record<ActionName, Partial<ActionResult>>>> = {
  windows: { windows: [{ id: 5, title: 'Terminal', x: 0, y: 0, width: 640, height: 480, active: true }] },
  copied: { text: 'grüße' },
  launch: { pid: 4711 },
  waitChange: { ok: false, error: { code: 'TIMED_OUT', message: 'nothing changed', hint: 'look at the screen' } },
  settle: { settled: true },
};

function picture(format: Picture['format'] = 'png', data: string = pixels[format]): Picture {
  return { format, width: 1, height: 1, data };
}

function pause(signal: AbortSignal, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
