// Image and sandbox of `npm start`: made where they are missing, reused otherwise.
import { hasCode } from '@bhatti/base/errors.ts';
import type { Api } from '@bhatti/client/api.ts';
import { imageCalls, type ImageBuildProgress } from '@bhatti/client/image.ts';
import { sandboxCalls } from '@bhatti/client/sandbox.ts';
import type { Caller } from '@bhatti/client/transport.ts';
import type { Sandbox } from '@bhatti/wire/control/sandbox.ts';

import type { Remark } from './steps.ts';

export const sandboxName = 'desk';
export const image = 'computer';
const size = { cpus: 2, memory_mb: 4096, disk_size_mb: 8192 };

export async function ensureImage(
  caller: Caller,
  api: Api,
  onProgress: (event: ImageBuildProgress) => void,
): Promise<Remark> {
  const images = imageCalls(api);
  if ((await images.list(caller)).some(({ name }) => name === image)) return { remark: 'there' };
  const built = await images.build(caller, image, onProgress);
  return { remark: `built, ${built.size_mb} MB` };
}

/** Beside the remark, what a person should know about the sandbox, e.g. which barrier is in force. */
export async function ensureSandbox(caller: Caller, api: Api): Promise<Remark & { notices: readonly string[] }> {
  const sandboxes = sandboxCalls(api);
  const existing = await tryGet(caller, api);
  if (existing === undefined) {
    const { sandbox } = await sandboxes.create(caller, { name: sandboxName, image, ...size, wait: false });
    return {
      remark: `created: ${sandbox.cpus} cores, ${sandbox.memory_mb} MB, ${sandbox.disk_size_mb} MB disk`,
      notices: sandbox.notices ?? [],
    };
  }
  if (existing.status === 'stopped' || existing.status === 'failed') {
    const { notices } = await sandboxes.start(caller, sandboxName);
    return { remark: 'started again', notices: notices ?? [] };
  }
  if (existing.thermal === 'warm') {
    await sandboxes.resume(caller, sandboxName);
    return { remark: 'resumed', notices: [] };
  }
  return { remark: 'running', notices: [] };
}

async function tryGet(caller: Caller, api: Api): Promise<Sandbox | undefined> {
  try {
    return await sandboxCalls(api).get(caller, sandboxName);
  } catch (error) {
    if (hasCode(error, 'SANDBOX_NOT_FOUND')) return undefined;
    throw error;
  }
}
