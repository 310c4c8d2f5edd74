import { CodedError } from '@bhatti/base/errors.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import { runSteps } from '@bhatti/base/steps.ts';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SandboxSpec } from '../engine.ts';
import { firstHost, lastHost, networkCount, type Place } from '../network/address.ts';
import type { ContainerContext } from './context.ts';
import { makeDisk } from './disk.ts';
import { checkSpec, hostSize } from './limits.ts';
import { sandboxPaths } from './paths.ts';
import { listRecords, unfinishedPrefix, writeRecord, type SandboxRecord } from './record.ts';

/** Makes the sandbox's directory beside its final name and renames it when it is whole: a crash leaves an unfinished one, which repair removes. */
export async function createSandbox(op: Operation, context: ContainerContext, spec: SandboxSpec): Promise<void> {
  checkSpec(spec, hostSize());
  const image = context.images.locate(spec.image);
  const { dir } = sandboxPaths(context.config, spec.id);
  if (existsSync(dir))
    throw new CodedError('ALREADY_EXISTS', `cannot create sandbox "${spec.name}": id "${spec.id}" is in use`, {
      what: 'sandbox',
      name: spec.id,
    });

  const draft = join(context.paths.sandboxesDir, `${unfinishedPrefix}${spec.id}`);
  await runSteps(op, [
    {
      name: 'allocate address',
      // Choosing and writing down happen without a pause between, so that two creations never choose the same.
      run: () => {
        rmSync(draft, { recursive: true, force: true });
        mkdirSync(context.paths.sandboxesDir, { recursive: true, mode: 0o700 });
        writeRecord(draft, {
          version: 1,
          spec,
          imageDigest: image.digest,
          place: choosePlace(spec, listRecords(context.config)),
        });
      },
      undo: () => rmSync(draft, { recursive: true, force: true }),
    },
    { name: 'make disk', run: () => makeDisk(op, join(draft, 'disk.img'), spec.diskMib) },
    { name: 'commit', run: () => renameSync(draft, dir), undo: () => rmSync(dir, { recursive: true, force: true }) },
  ]);
}

/** The owner's network, or the first free one, and the first free host number there. Throws HOST_FULL. */
export function choosePlace(spec: SandboxSpec, records: readonly SandboxRecord[]): Place {
  const own = records.find((record) => record.spec.owner === spec.owner)?.place.network;
  const network = own ?? firstFree(0, networkCount - 1, new Set(records.map((record) => record.place.network)));
  const hosts = new Set(
    records.filter((record) => record.place.network === network).map((record) => record.place.host),
  );
  const host = network === undefined ? undefined : firstFree(firstHost, lastHost, hosts);
  if (network === undefined || host === undefined)
    throw new CodedError('HOST_FULL', `cannot create sandbox "${spec.name}": no address is free`, {
      what: 'addresses',
    });
  return { network, host };
}

function firstFree(first: number, last: number, taken: ReadonlySet<number>): number | undefined {
  for (let number = first; number <= last; number++) if (!taken.has(number)) return number;
  return undefined;
}
