import { directoryOf, placed, type Case, type Observation, type Step } from './case.ts';
import { normalise } from './normalise.ts';

/** A running system with a service manager: root's shell in it. */
export interface World {
  exec(
    script: string,
    stdin?: string,
  ): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }>;
}

const sideBySide = 4; // cases mostly wait for their services
const stepSeconds = 20; // nothing takes that long, and a case is not to hold up the others for ever
const waitSteps = 500;
const waitStepSeconds = 0.02;

/** `tell LINE… [-- PROGRAM…]`: sends the lines to $NOTIFY_SOCKET, then becomes the program. */
const tell = `#!/usr/bin/perl
use Socket;
my @lines;
while (@ARGV) { my $word = shift; last if $word eq '--'; push @lines, $word; }
my $path = $ENV{NOTIFY_SOCKET} or die "no NOTIFY_SOCKET\\n";
$path =~ s/^@/\\0/;
socket(my $socket, AF_UNIX, SOCK_DGRAM, 0) or die $!;
send($socket, join("\\n", @lines), 0, pack_sockaddr_un($path)) or die $!;
exec @ARGV or die $! if @ARGV;
# Who sent it is looked up by its number: it must not be gone yet.
select(undef, undef, undef, 0.2);
`;

/** Runs all cases in one world and gives what each step of each showed, by the case's id. */
export async function runCases(world: World, cases: readonly Case[]): Promise<Map<string, Observation[]>> {
  const all = cases.map(placed);
  await install(world, all);
  const seen = new Map<string, Observation[]>();
  for (const one of all.filter((each) => each.isAlone)) seen.set(one.id, await runCase(world, one));
  const rest = all.filter((each) => !each.isAlone);
  const work = async () => {
    for (let one = rest.shift(); one !== undefined; one = rest.shift()) seen.set(one.id, await runCase(world, one));
  };
  await Promise.all(Array.from({ length: sideBySide }, work));
  return seen;
}

/** All files in one go, so that unit files are read once, and when they are older than the look at them. */
async function install(world: World, cases: readonly Case[]): Promise<void> {
  const files = cases.flatMap((one) => Object.entries(one.files ?? {}));
  const parts = [...files, ['/usr/local/bin/tell', tell] as const].map(([path, text]) => writing(path, text));
  const directories = cases.map((one) => `mkdir -p -m 1777 ${directoryOf(one)}\n`);
  const { exitCode, stderr } = await world.exec(
    'sh -e',
    `${[...directories, ...parts].join('')}sleep 0.1\nsystemctl daemon-reload\n`,
  );
  if (exitCode !== 0 || stderr !== '') throw new Error(`files of the cases: exit ${exitCode}: ${stderr}`);
}

function writing(path: string, text: string): string {
  const quoted = shellQuoted(path);
  const folder = shellQuoted(path.slice(0, path.lastIndexOf('/')));
  if (text.startsWith('-> ')) return `mkdir -p ${folder}\nln -s ${shellQuoted(text.slice(3))} ${quoted}\n`;
  const mode = text.startsWith('#!') ? `chmod 755 ${quoted}\n` : '';
  return `mkdir -p ${folder}\nprintf %s ${shellQuoted(text)} >${quoted}\n${mode}`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function runCase(world: World, one: Case): Promise<Observation[]> {
  const seen: Observation[] = [];
  for (const step of one.steps) seen.push(await runStep(world, one, step));
  return seen;
}

async function runStep(world: World, one: Case, step: Step): Promise<Observation> {
  if (typeof step === 'string') {
    const script = shellQuoted(`cd ${directoryOf(one)}\n${step}`);
    const { exitCode, stdout, stderr } = await world.exec(`timeout ${stepSeconds} sh -c ${script}`);
    return { step, exitCode, stdout: normalise(stdout), stderr: normalise(stderr) };
  }
  const loop = `i=0; until { ${step.until}\n} >/dev/null 2>&1; do i=$((i+1)); [ $i -lt ${waitSteps} ] || exit 1; sleep ${waitStepSeconds}; done`;
  const { exitCode } = await world.exec(`cd ${directoryOf(one)}\n${loop}`);
  return { step: `until ${step.until}`, exitCode, stdout: '', stderr: exitCode === 0 ? '' : 'it did not come about' };
}
