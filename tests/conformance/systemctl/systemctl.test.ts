// Replays every case against lohar and compares with what Debian's systemd answered (`record.ts`).
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { TestGuest } from '../../support/guest.ts';
import { digestOf, expected, readAnswers } from './answers.ts';
import { placed, type Observation } from './case.ts';
import { GROUPS } from './cases/index.ts';
import { desktopUnits, readVerification } from './desktop-units.ts';
import { runCases } from './run-cases.ts';

const why = whyNoSandboxes();
const only = process.env['BHATTI_CASES']?.split(',');
const groups = GROUPS.map(({ name, cases }) => ({
  name,
  cases: cases.filter(({ id }) => only === undefined || only.includes(id) || only.includes(name)),
}));

describe('the answers of systemd', () => {
  test.each(groups.map(({ name, cases }) => [name, cases] as const))(
    '%s: belong to the cases as they are',
    (name, cases) => {
      const answers = readAnswers(name);
      expect(Object.fromEntries(cases.map((one) => [one.id, answers.cases[one.id]?.digest]))).toEqual(
        Object.fromEntries(cases.map((one) => [one.id, digestOf(one)])),
      );
    },
  );

  test('every case has a name of its own', () => {
    const ids = GROUPS.flatMap(({ cases }) => cases.map(({ id }) => id));
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  test("systemd-analyze verify has nothing to say of the desktop's units as they are", () => {
    expect(readVerification()).toMatchObject({ units: desktopUnits(), exitCode: 0, output: '' });
  });
});

describe.skipIf(why !== undefined)(titled('lohar answers as systemd does', why), () => {
  let guest: TestGuest;
  let seen: Map<string, Observation[]>;
  beforeAll(async () => {
    guest = await TestGuest.start();
    const exec = (script: string, stdin = '') =>
      guest.exec(['sh', '-c', script], { user: 'root', stdinBase64: Buffer.from(stdin).toString('base64') });
    seen = await runCases(
      { exec },
      groups.flatMap(({ cases }) => cases),
    );
  }, 240_000);
  afterAll(() => guest[Symbol.asyncDispose]());

  for (const { name, cases } of groups) {
    const answers = readAnswers(name);
    for (const one of cases)
      test(`${name}, ${one.id}: ${one.about}`, () => {
        expect(seen.get(one.id)).toEqual(expected(placed(one), answers));
        // A difference that is none any more has no business here.
        for (const { step, lohar } of one.differs ?? []) {
          const { differs: _, ...same } = placed(one);
          expect(expected(same, answers)[step]).not.toMatchObject(lohar);
        }
      });
  }
});
