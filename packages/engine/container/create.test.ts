import { hasCode } from '@bhatti/base/errors.ts';
import { newSandboxId } from '@bhatti/base/ids.ts';
import { expect, test } from 'bun:test';
import { choosePlace } from './create.ts';
import type { SandboxRecord } from './record.ts';

test('an owner’s sandboxes share a network, owners do not', () => {
  const records: SandboxRecord[] = [];
  const place = (owner: string) => {
    const spec = { id: newSandboxId(), name: 'box', owner, image: 'minimal', cpus: 1, memoryMib: 1, diskMib: 1 };
    const chosen = choosePlace(spec, records);
    records.push({ version: 1, spec, imageDigest: 'sha256:0', place: chosen });
    return chosen;
  };
  expect(place('ann')).toEqual({ network: 0, host: 2 });
  expect(place('bob')).toEqual({ network: 1, host: 2 });
  expect(place('ann')).toEqual({ network: 0, host: 3 });
  records.splice(0, 1);
  expect(place('ann')).toEqual({ network: 0, host: 2 });
  records.splice(0, records.length, ...records.filter((record) => record.spec.owner !== 'ann'));
  expect(place('eve')).toEqual({ network: 0, host: 2 });
});

test('a network has 253 addresses and no more', () => {
  const spec = { id: newSandboxId(), name: 'box', owner: 'ann', image: 'minimal', cpus: 1, memoryMib: 1, diskMib: 1 };
  const records = Array.from({ length: 253 }, (_, index): SandboxRecord => ({
    version: 1,
    spec,
    imageDigest: 'sha256:0',
    place: { network: 0, host: index + 2 },
  }));
  expect(choosePlace(spec, records.slice(0, -1))).toEqual({ network: 0, host: 254 });
  let error: unknown;
  try {
    choosePlace(spec, records);
  } catch (caught) {
    error = caught;
  }
  expect(hasCode(error, 'HOST_FULL')).toBe(true);
});
