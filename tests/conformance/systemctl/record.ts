// Records what Debian's systemd answers to the cases: `bun tests/conformance/systemctl/record.ts [GROUP…]`. As root, with mmdebstrap; makes all else that it needs.
import { GROUPS } from './cases/index.ts';
import { writeAnswers } from './answers.ts';
import { RealSystemd } from './real-systemd.ts';
import { runCases } from './run-cases.ts';
import type { Observation } from './case.ts';
import { recordVerification } from './desktop-units.ts';

const wanted = process.argv.slice(2);
const groups = GROUPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

using systemd = await RealSystemd.boot();
const version = (await systemd.exec("systemctl --version | sed -n '1s/systemd //p'")).stdout.trim();
if (wanted.length === 0) await recordVerification(systemd, version);
const seen = await runCases(
  systemd,
  groups.flatMap((group) => group.cases),
);
for (const { name, cases } of groups) {
  const answers = new Map(cases.map((one) => [one, seen.get(one.id) ?? []]));
  writeAnswers(name, version, answers);
  for (const [one, steps] of answers)
    for (const { step, stderr } of steps.filter(isWithoutEnd)) {
      console.error(`${name}, ${one.id}: ${step}: ${stderr}`);
      process.exitCode = 1;
    }
}
console.log(`${seen.size} cases, systemd ${version}`);

/** A wait that was in vain, or a command that hung. */
function isWithoutEnd({ step, exitCode }: Observation): boolean {
  return exitCode === 124 || (step.startsWith('until ') && exitCode !== 0);
}
