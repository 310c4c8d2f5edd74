import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, Observation } from './case.ts';

/** What the real systemd answered to a group of cases. */
export interface Answers {
  readonly systemd: string;
  readonly cases: Readonly<
    Record<string, { readonly digest: string; readonly steps: readonly (readonly [number, string?, string?])[] }>
  >;
}

export function readAnswers(group: string): Answers {
  return JSON.parse(readFileSync(pathOf(group), 'utf8'));
}

/** One step a line, so that a change of an answer reads as one. */
export function writeAnswers(group: string, systemd: string, seen: ReadonlyMap<Case, readonly Observation[]>): void {
  const cases = [...seen].map(([one, observations]) => {
    const steps = observations.map(({ exitCode, stdout, stderr }) =>
      JSON.stringify([
        exitCode,
        ...(stdout === '' && stderr === '' ? [] : [stdout]),
        ...(stderr === '' ? [] : [stderr]),
      ]),
    );
    return `${JSON.stringify(one.id)}:{"digest":"${digestOf(one)}","steps":[\n${steps.join(',\n')}\n]}`;
  });
  writeFileSync(pathOf(group), `{"systemd":${JSON.stringify(systemd)},"cases":{\n${cases.join(',\n')}\n}}\n`);
}

/** The recorded answers beside the steps that they belong to, with what lohar answers otherwise put in. */
export function expected(one: Case, answers: Answers): Observation[] {
  const steps = answers.cases[one.id]?.steps ?? [];
  return one.steps.map((step, at) => {
    const [exitCode = -1, stdout = '', stderr = ''] = steps[at] ?? [];
    const name = typeof step === 'string' ? step : `until ${step.until}`;
    const other = one.differs?.find((difference) => difference.step === at)?.lohar;
    return { step: name, exitCode, stdout, stderr, ...other };
  });
}

/** Of what was asked: answers to other files and steps are stale. */
export function digestOf({ files, steps }: Case): string {
  return new Bun.CryptoHasher('sha256')
    .update(JSON.stringify([files ?? {}, steps]))
    .digest('hex')
    .slice(0, 12);
}

function pathOf(group: string): string {
  return join(import.meta.dir, 'answers', `${group}.json`);
}
