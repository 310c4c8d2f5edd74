/** One step: a command of sh whose exit code and texts are observed, or a condition to wait for before the next one. */
export type Step = string | { readonly until: string };

/** What one step showed, already normalised; a wait shows nothing. */
export interface Observation {
  readonly step: string;
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where lohar answers otherwise on purpose: what it prints instead, checked like any other answer. */
export interface Difference {
  /** Which step, counted from 0. */
  readonly step: number;
  readonly why: string;
  readonly lohar: Partial<Pick<Observation, 'exitCode' | 'stdout' | 'stderr'>>;
}

/**
 * One fact about unit files and systemctl, as files and steps. In every text `X_` becomes the case's own prefix of unit names and `/X/` its own directory, so that cases run side by side.
 */
export interface Case {
  /** A word; names of its units begin with it. */
  readonly id: string;
  /** The fact, as people would say it. */
  readonly about: string;
  /** Unit files by name, other files by path. `-> target` makes a symbolic link, `#!` a program. */
  readonly files?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  /** It looks at, or changes, what is not its own: it runs alone and before the others. */
  readonly isAlone?: true;
  readonly differs?: readonly Difference[];
}

/** A file of cases, whose answers are kept in a file of the same name. */
export interface CaseGroup {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** The case with its own names put in. */
export function placed(one: Case): Case {
  const place = (text: string) => text.replaceAll('X_', `${one.id}_`).replaceAll('/X/', `${directoryOf(one)}/`);
  return {
    ...one,
    files: Object.fromEntries(
      Object.entries(one.files ?? {}).map(([name, text]) => [pathOf(place(name)), place(text)]),
    ),
    steps: one.steps.map((step) => (typeof step === 'string' ? place(step) : { until: place(step.until) })),
    ...(one.differs === undefined
      ? {}
      : { differs: one.differs.map((difference) => ({ ...difference, lohar: placeTexts(difference.lohar, place) })) }),
  };
}

export function directoryOf(one: Case): string {
  return `/var/tmp/${one.id}`;
}

function pathOf(name: string): string {
  return name.startsWith('/') ? name : `/etc/systemd/system/${name}`;
}

function placeTexts(texts: Difference['lohar'], place: (text: string) => string): Difference['lohar'] {
  return Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [name, typeof value === 'string' ? place(value) : value]),
  );
}
