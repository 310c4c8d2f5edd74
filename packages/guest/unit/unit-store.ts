import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JobType } from './job.ts';
import type { ServiceRecord } from './service-record.ts';
import type { StoredTrigger } from './triggers.ts';

/** What is known of one unit beyond its files. */
export interface StoredUnit {
  readonly name: string;
  readonly job: JobType | undefined;
  readonly service: ServiceRecord | undefined;
  readonly isTargetActive: boolean | undefined;
  readonly trigger: StoredTrigger | undefined;
}

/** Units' records in a directory of /run, one file each, replaced whole: whoever reads them after a crash finds the last complete one. */
export class UnitStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** A full /run costs what an heir would have known, and nothing else. */
  save(unit: StoredUnit): void {
    const path = join(this.#directory, `${unit.name}.json`);
    try {
      writeFileSync(`${path}.new`, JSON.stringify(unit), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch (error) {
      console.error(
        `cannot keep the record of "${unit.name}": ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  remove(name: string): void {
    rmSync(join(this.#directory, `${name}.json`), { force: true });
  }

  loadAll(): StoredUnit[] {
    return readdirSync(this.#directory)
      .filter((file) => file.endsWith('.json'))
      .flatMap((file) => {
        try {
          // SAFETY: root's own directory of one boot, written by this very executable.
          return [JSON.parse(readFileSync(join(this.#directory, file), 'utf8')) as StoredUnit];
        } catch (error) {
          console.error(`cannot read the record "${file}": ${error instanceof Error ? error.message : String(error)}`);
          return [];
        }
      });
  }
}
