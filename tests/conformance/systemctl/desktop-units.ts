import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { World } from './run-cases.ts';

const directory = join(import.meta.dir, '../../../images/computer/files/etc/systemd/system');
const record = join(import.meta.dir, 'answers/desktop-units.json');

/** What `systemd-analyze verify` said of the desktop's units, and of which bytes. */
export interface Verification {
  readonly systemd: string;
  readonly units: Readonly<Record<string, string>>;
  readonly exitCode: number;
  readonly output: string;
}

export function readVerification(): Verification {
  return JSON.parse(readFileSync(record, 'utf8'));
}

/** Digests of the desktop's unit files by name. */
export function desktopUnits(): Record<string, string> {
  return Object.fromEntries(
    names().map((name) => [
      name,
      new Bun.CryptoHasher('sha256').update(readFileSync(join(directory, name))).digest('hex'),
    ]),
  );
}

export async function recordVerification(world: World, systemd: string): Promise<void> {
  const files = names().map(
    (name) => `cat >/run/verify/${name} <<'END OF UNIT'\n${readFileSync(join(directory, name), 'utf8')}END OF UNIT\n`,
  );
  // Programs that the units call are the image's; that they exist is another test's business.
  const programs = [...files.join('').matchAll(/^Exec\w+=(\/\S+)/gm)].map((match) => match[1]);
  const script = `mkdir -p /run/verify
${files.join('')}for program in ${programs.join(' ')}; do
  [ -e $program ] || { mkdir -p $(dirname $program); ln -s /bin/true $program; }
done
cd /run/verify
systemd-analyze verify ${names()
    .map((name) => `./${name}`)
    .join(' ')} 2>&1`;
  const { exitCode, stdout } = await world.exec(script);
  const verification: Verification = { systemd, units: desktopUnits(), exitCode, output: stdout };
  writeFileSync(record, `${JSON.stringify(verification, undefined, 2)}\n`);
}

function names(): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.service'))
    .toSorted();
}
