/** How far a build is: what it does, and the part of the whole that is done. */
export interface BuildProgress {
  readonly step: string;
  readonly fraction: number;
}

/**
 * Reads progress out of the lines of `mmdebstrap --verbose`. It installs twice: first the essential packages, then the rest; only when apt has resolved each of them is their number known, so
 * each part has a fixed share of the whole.
 */
export class ProgressReader {
  #part: Part = 'lists';
  #packages = 0;
  #events = 0;
  #step = 'reading package lists';
  #fraction = 0;

  /** Takes one line; returns the progress when the line changed it. */
  read(line: string): BuildProgress | undefined {
    const { step, part } = this.#recognise(line);
    if (step === undefined) return undefined;
    this.#step = step;
    if (part !== undefined && part !== this.#part) {
      this.#part = part;
      this.#packages = 0;
      this.#events = 0;
    }
    const [from, to] = shares[this.#part];
    const done = this.#packages === 0 ? 0 : Math.min(this.#events / (this.#packages * eventsPerPackage), 1);
    this.#fraction = Math.max(this.#fraction, from + (to - from) * done);
    return { step: this.#step, fraction: this.#fraction };
  }

  #recognise(line: string): { step?: string; part?: Part } {
    const count = /^\d+ upgraded, (\d+) newly installed/.exec(line)?.[1];
    if (count !== undefined) {
      this.#packages = Number(count);
      this.#events = 0;
      return { step: `${count} packages` };
    }
    const package_ = /^(?:Get:\d+ \S+ \S+ \S+ (\S+)|(Unpacking|Setting up) (\S+))/.exec(line);
    if (package_ !== null) {
      this.#events++;
      const verb = package_[2] === undefined ? 'downloading' : package_[2] === 'Unpacking' ? 'unpacking' : 'setting up';
      return { step: `${verb} ${(package_[1] ?? package_[3] ?? '').replace(/:[a-z0-9]+$/, '')}` };
    }
    return announced.find(({ pattern }) => pattern.test(line)) ?? {};
  }
}

type Part = 'lists' | 'essential' | 'rest' | 'customize' | 'finish';

const eventsPerPackage = 3; // downloaded, unpacked, set up

/** Shares of the time that building the computer tier takes; the minimal tier reaches its end a little early. */
const shares: Readonly<Record<Part, readonly [number, number]>> = {
  lists: [0, 0.04],
  essential: [0.04, 0.2],
  rest: [0.2, 0.88],
  customize: [0.88, 0.97],
  finish: [0.97, 1],
};

const announced: readonly { readonly pattern: RegExp; readonly step: string; readonly part: Part }[] = [
  { pattern: /^I: running apt-get update/, step: 'reading package lists', part: 'lists' },
  { pattern: /^I: downloading packages with apt/, step: 'downloading essential packages', part: 'essential' },
  { pattern: /^I: installing remaining packages/, step: 'resolving packages', part: 'rest' },
  { pattern: /^bhatti: customize/, step: 'customizing', part: 'customize' },
  { pattern: /^I: cleaning package lists/, step: 'cleaning up', part: 'finish' },
];
