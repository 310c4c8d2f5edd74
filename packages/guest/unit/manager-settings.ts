import { readFileSync, renameSync, writeFileSync } from 'node:fs';

export const LOG_LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

interface Stored {
  environment: Record<string, string>;
  logLevel: LogLevel;
}

const defaults: Stored = {
  environment: {
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  },
  logLevel: 'info',
};

/** What can be set of the service manager itself; holds until the sandbox stops. */
export class ManagerSettings {
  readonly bootedAtUs: number;
  readonly #path: string;
  #stored: Stored;

  constructor(path: string, bootedAtUs: number) {
    this.#path = path;
    this.bootedAtUs = bootedAtUs;
    this.#stored = tryLoad(path) ?? defaults;
  }

  /** What every unit's processes begin with (systemctl(1), "Environment Commands"). */
  get environment(): Readonly<Record<string, string>> {
    return this.#stored.environment;
  }

  /** The least important messages that the manager writes into the journal. */
  get logLevel(): LogLevel {
    return this.#stored.logLevel;
  }

  setEnvironment(variables: Readonly<Record<string, string>>): void {
    this.#save({ ...this.#stored, environment: { ...this.environment, ...variables } });
  }

  /** A name, or an assignment that goes only if it is as given. */
  unsetEnvironment(names: readonly string[]): void {
    const kept = Object.entries(this.environment).filter(
      ([name, value]) => !names.includes(name) && !names.includes(`${name}=${value}`),
    );
    this.#save({ ...this.#stored, environment: Object.fromEntries(kept) });
  }

  setLogLevel(logLevel: LogLevel): void {
    this.#save({ ...this.#stored, logLevel });
  }

  /** Whether a message of this priority (syslog(3)) is wanted. */
  isWanted(priority: number): boolean {
    return priority <= LOG_LEVELS.indexOf(this.logLevel);
  }

  #save(stored: Stored): void {
    this.#stored = stored;
    writeFileSync(`${this.#path}.new`, JSON.stringify(stored), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}

function tryLoad(path: string): Stored | undefined {
  try {
    // SAFETY: root's own file of one boot, written by this very executable.
    return JSON.parse(readFileSync(path, 'utf8')) as Stored;
  } catch {
    return undefined; // expected: nothing has been set
  }
}
