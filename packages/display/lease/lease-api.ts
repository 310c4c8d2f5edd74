import { CodedError } from '@bhatti/base/errors.ts';
import { LeaseRequestSchema, type LeaseRequest } from '@bhatti/wire/display/lease.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import { integerOf } from '../desktop/control-api.ts';
import { requestTarget } from '../transport/request-target.ts';
import type { InputLease } from './input-lease.ts';

const longestWaitMs = 600_000;
const usualWaitMs = 30_000;
const maxRequestBytes = 16_384; // the longest message, each character escaped

/**
 * `GET /lease`, with `?wait=free&timeoutMs=30000` once no person holds the input or the time is over; `POST /lease` with a LeaseRequest. Both answer with the lease as it is then. Throws INVALID_ARGUMENT, MESSAGE_TOO_LARGE,
 * INPUT_HELD.
 */
export async function answerLease(lease: InputLease, request: Request): Promise<Response> {
  if (request.method === 'GET' || request.method === 'HEAD') await wait(lease, request);
  else if (request.method === 'POST') perform(lease, await requestOf(request));
  else return new Response('405 Method Not Allowed\n', { status: 405, headers: { Allow: 'GET, HEAD, POST' } });
  return Response.json(lease.status(), { headers: { 'Cache-Control': 'no-store' } });
}

async function wait(lease: InputLease, request: Request): Promise<void> {
  const { query } = requestTarget(request);
  const wanted = query.get('wait');
  if (wanted === null) return;
  if (wanted !== 'free') {
    const value = wanted.slice(0, 40);
    throw new CodedError('INVALID_ARGUMENT', `cannot wait for "${value}": it must be "free"`, {
      argument: 'wait',
      value,
    });
  }
  const timeoutMs = integerOf(query, 'timeoutMs', { min: 0, max: longestWaitMs, fallback: usualWaitMs });
  await lease.whenFree(timeoutMs, request.signal);
}

function perform(lease: InputLease, request: LeaseRequest): void {
  switch (request.op) {
    case 'help':
      return lease.askHelp(request.message);
    case 'withdraw':
      return lease.withdrawHelp();
    case 'hold':
      return lease.hold(request.ms);
    case 'return':
      return lease.returnByAgent();
  }
}

async function requestOf(request: Request): Promise<LeaseRequest> {
  const text = await request.text();
  if (text.length > maxRequestBytes) {
    throw new CodedError('MESSAGE_TOO_LARGE', 'cannot change the lease: the request is too large', {
      limitBytes: maxRequestBytes,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CodedError('INVALID_ARGUMENT', 'invalid lease request: not JSON', { argument: '' }, { cause });
  }
  return decodeRequest(LeaseRequestSchema, value, 'lease request');
}
