import { CodedError } from '@bhatti/base/errors.ts';
import { TrajectoryNameSchema, TrajectoryRequestSchema } from '@bhatti/wire/display/trajectory.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import type { ActionEngine } from '../action/engine.ts';
import { errorResponse, pictureResponse } from '../desktop/control-api.ts';
import type { Recorder } from './recorder.ts';
import { replay } from './replay.ts';
import type { TrajectoryFiles } from './trajectory-files.ts';

export interface TrajectoryParts {
  readonly engine: ActionEngine;
  readonly files: TrajectoryFiles;
  readonly recorder: Recorder;
}

/** Answers `/trajectories…` (`wire/display/trajectory.ts`); undefined for other paths. Errors are answers too. */
export async function answerTrajectories(
  parts: TrajectoryParts,
  request: Request,
  path: string,
): Promise<Response | undefined> {
  const match = /^\/trajectories(?:\/([^/]+)(?:\/([^/]+))?)?$/.exec(path);
  if (match === null) return undefined;
  const [, name, file] = match;
  try {
    return await route(parts, request, name === undefined ? {} : { name: checked(name), ...(file && { file }) });
  } catch (error) {
    return errorResponse(error);
  }
}

async function route(
  { engine, files, recorder }: TrajectoryParts,
  request: Request,
  { name, file }: { readonly name?: string; readonly file?: string },
): Promise<Response> {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      if (name === undefined) return Response.json(files.list(recorder.recording));
      if (file !== undefined) return pictureResponse(files.picture(name, file), 'jpeg');
      return new Response(files.steps(name), {
        headers: { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' },
      });
    case 'POST': {
      if (name !== undefined) break;
      const asked = decodeRequest(TrajectoryRequestSchema, await documentOf(request), 'trajectory request');
      if (asked.op === 'start') return Response.json(recorder.start(asked.name));
      if (asked.op === 'stop') return Response.json(recorder.stop() ?? null);
      return Response.json(await replay(engine, { name: asked.name, lines: files.steps(asked.name) }, request.signal));
    }
    case 'DELETE':
      if (name === undefined || file !== undefined) break;
      if (name === recorder.recording) recorder.stop();
      files.remove(name);
      return new Response(null, { status: 204 });
  }
  return new Response('405 Method Not Allowed\n', { status: 405 });
}

function checked(name: string): string {
  return decodeRequest(TrajectoryNameSchema, name, 'name of a trajectory');
}

async function documentOf(request: Request): Promise<unknown> {
  try {
    return JSON.parse(await request.text());
  } catch (cause) {
    throw new CodedError('INVALID_ARGUMENT', 'invalid trajectory request: not JSON', { argument: '' }, { cause });
  }
}
