import { killDir, NOTIFY_PROGRAM, POPULATION, WHOLE_RUNS } from './kill-population.ts';
import { TestGuest } from './guest.ts';
import { findLohar } from './host-lohar.ts';
import { until } from './until.ts';

const settledWithinMs = 20_000;
const longestPauseMs = 300;

/** Numbers that a seed decides. */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32: small, and good enough to choose verbs.
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * Kills lohar at random moments while a random sequence of requests changes units of all kinds, and looks after each kill whether every unit is what it says it is. Throws with the seed, the round and
 * what was asked for.
 */
export async function killAtRandom(options: { readonly seed: number; readonly kills: number }): Promise<void> {
  await using guest = await TestGuest.start();
  const random = seededRandom(options.seed);
  await populate(guest);
  const before = await leftovers(guest);
  for (let round = 0; round < options.kills; round += 1) {
    const asked: string[] = [];
    const calls: Promise<unknown>[] = [];
    try {
      await disturb(guest, random, { asked, calls });
      await settle(guest);
      await answered(calls);
      await inspect(guest);
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new Error(`seed ${options.seed}, kill ${round}: ${asked.join('; ')}\n${what}\n${await story(guest)}`, {
        cause: error,
      });
    }
  }
  await stopAll(guest);
  await inspect(guest);
  await inspectTalk(guest);
  await killLohar(guest);
  const after = await leftovers(guest);
  for (const [what, count] of Object.entries(after))
    if (count > (before[what] ?? 0)) throw new Error(`seed ${options.seed}: ${what}: ${before[what]} became ${count}`);
}

async function populate(guest: TestGuest): Promise<void> {
  await guest.root(`mkdir -p ${killDir}; chmod 777 ${killDir}`);
  await guest.exec(['sh', '-c', `cat >${killDir}/notify.pl`], {
    user: 'root',
    stdinBase64: Buffer.from(NOTIFY_PROGRAM).toString('base64'),
  });
  for (const { name, text } of POPULATION) await guest.unit(name, text);
  // Everything has been there once, so that what is counted later is not what a first start leaves.
  for (const { name } of POPULATION) await guest.exec(['systemctl', 'start', name]);
  await stopAll(guest);
  await killLohar(guest);
}

async function stopAll(guest: TestGuest): Promise<void> {
  await until(async () => {
    await guest.exec(['systemctl', 'stop', 'kills.target', 'k-*']).catch(() => {});
    return (await showAll(guest)).every(({ ActiveState }) => ActiveState === 'inactive' || ActiveState === 'failed');
  });
  await guest.root('systemctl reset-failed');
}

/** A few requests, a pause, a kill; sometimes a second one at once. */
async function disturb(
  guest: TestGuest,
  random: Random,
  { asked, calls }: { readonly asked: string[]; readonly calls: Promise<unknown>[] },
): Promise<void> {
  const pick = <T>(list: readonly T[]): T => {
    const found = list[Math.floor(random() * list.length)];
    if (found === undefined) throw new Error('nothing to choose from');
    return found;
  };
  const requests = 1 + Math.floor(random() * 3);
  for (let at = 0; at < requests; at += 1) {
    const unit = pick(POPULATION);
    const verb = random() < 0.06 ? 'daemon-reload' : pick(unit.verbs);
    const signal = verb === 'kill' ? ['-s', pick(['KILL', 'TERM'])] : [];
    const argv = ['systemctl', ...verb.split(' '), ...signal, ...(verb === 'daemon-reload' ? [] : [unit.name])];
    asked.push(argv.join(' '));
    // Its answer may die with lohar.
    calls.push(guest.exec(argv, { user: 'root' }).catch(() => {}));
    await pause(random() * 30);
  }
  const pauseMs = random() ** 2 * longestPauseMs;
  asked.push(`${Math.round(pauseMs)} ms`);
  await pause(pauseMs);
  await killLohar(guest);
  if (random() > 0.15) return;
  const againMs = random() * 60;
  asked.push(`killed again ${Math.round(againMs)} ms after its start`);
  await pause(againMs);
  await killLohar(guest);
}

/** No request hangs: each has its answer, or has lost its connection. */
async function answered(calls: readonly Promise<unknown>[]): Promise<void> {
  let open = calls.length;
  for (const call of calls) void call.finally(() => (open -= 1));
  await until(
    () => open === 0,
    () => `${open} requests without an answer`,
  );
}

async function killLohar(guest: TestGuest): Promise<void> {
  const pid = await until(() => findLohar(guest.id));
  process.kill(pid, 'SIGKILL');
  await until(() => {
    const next = findLohar(guest.id);
    return next !== undefined && next !== pid;
  });
}

interface Shown {
  readonly Id: string;
  readonly ActiveState: string;
  readonly SubState: string;
  readonly MainPID: string;
  readonly Result: string;
}

async function showAll(guest: TestGuest): Promise<Shown[]> {
  const names = POPULATION.map(({ name }) => name);
  const { stdout } = await guest.exec(['systemctl', 'show', '-p', 'Id,ActiveState,SubState,MainPID,Result', ...names]);
  return stdout
    .trim()
    .split('\n\n')
    .map((block) => Object.fromEntries(block.split('\n').map((line) => line.split('=', 2))));
}

/** Every job ends by itself, and every unit comes to rest. */
async function settle(guest: TestGuest): Promise<void> {
  let seen = '';
  await until(
    async () => {
      try {
        const jobs = (await guest.exec(['systemctl', 'list-jobs'])).stdout;
        const moving = (await showAll(guest)).filter(({ ActiveState }) => ActiveState.endsWith('ing'));
        seen = `${jobs}${moving.map((unit) => `${unit.Id}: ${unit.ActiveState}/${unit.SubState}`).join('\n')}`;
        return jobs === 'No jobs running.\n' && moving.length === 0;
      } catch (error) {
        seen = String(error);
        return false; // lohar is not back yet
      }
    },
    () => `stuck: ${seen}`,
    settledWithinMs,
  );
}

interface Process {
  readonly pid: string;
  readonly group: string;
  readonly line: string;
}

async function processes(guest: TestGuest): Promise<Process[]> {
  const script = `for d in /proc/[0-9]*; do
    line=$(tr '\\0\\n' '  ' <$d/cmdline 2>/dev/null) || continue
    group=$(sed -n 's/^0:://p' $d/cgroup 2>/dev/null)
    [ -z "$line" ] || echo "\${d#/proc/}|$group|$line"
  done`;
  return (await guest.root(script))
    .trim()
    .split('\n')
    .map((row) => {
      const [pid = '', group = '', ...line] = row.split('|');
      return { pid, group, line: line.join('|').trim() };
    });
}

/** What units say of themselves against what runs. A unit that ends while it is looked at is looked at again. */
async function inspect(guest: TestGuest): Promise<void> {
  let problems: string[] = [];
  await until(
    async () => {
      problems = await findProblems(guest);
      return problems.length === 0;
    },
    () => problems.join('\n'),
    3_000,
  );
}

async function findProblems(guest: TestGuest): Promise<string[]> {
  const [states, running] = [await showAll(guest), await processes(guest)];
  const problems = POPULATION.flatMap((unit) => {
    const state = states.find(({ Id }) => Id === unit.name);
    if (state === undefined) return [`${unit.name} is lost`];
    const own = running.filter(({ group }) => group.endsWith(`/${unit.name}`));
    const what = `${unit.name} is ${state.ActiveState}/${state.SubState} (${state.Result}), main ${state.MainPID}`;
    const found: string[] = [];
    const isRunning = state.SubState === 'running';
    if (!isRunning && own.length > 0) found.push(`${what}, but there are ${describe(own)}`);
    if (isRunning && !own.some(({ pid }) => pid === state.MainPID))
      found.push(`${what}, but in its group are ${describe(own)}`);
    if (unit.program !== undefined) {
      const { pattern, count } = unit.program;
      const matching = running.filter(({ line }) => new RegExp(pattern).test(line));
      if (matching.length !== (isRunning ? count : 0)) found.push(`${what}, but there are ${describe(matching)}`);
      const outside = matching.filter(({ group }) => !group.endsWith(`/${unit.name}`));
      if (outside.length > 0) found.push(`${what}, but outside of its group are ${describe(outside)}`);
    }
    return found;
  });
  const strangers = running.filter(({ group, line }) => group.includes('/init.scope') && /91\d{4}|kills/.test(line));
  if (strangers.length > 0) problems.push(`outside of any unit: ${describe(strangers)}`);
  return [...problems, ...(await findBrokenRuns(guest))];
}

function describe(list: readonly Process[]): string {
  return list.map(({ pid, group, line }) => `${pid} ${line} [${group}]`).join(', ') || 'none';
}

/** Commands of oneshots: each once, none left out. */
async function findBrokenRuns(guest: TestGuest): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, expected] of Object.entries(WHOLE_RUNS)) {
    const lines = (await guest.root(`cat ${killDir}/${name} 2>/dev/null || true`)).trim().split('\n');
    const runs = Map.groupBy(lines, (line) => line.split(' ', 1)[0] ?? '');
    for (const [id, run] of runs) {
      const done = run.map((line) => line.split(' ')[1] ?? '');
      if (id !== '' && done.join() !== expected.join()) problems.push(`${name}: run ${id} did ${done.join()}`);
    }
  }
  return problems;
}

/** Every line of a unit that wrote all the time is in its journal, once and in order. */
async function inspectTalk(guest: TestGuest): Promise<void> {
  const { stdout } = await guest.exec(['journalctl', '-u', 'k-talks', '-o', 'cat', '--no-pager']);
  const said = Map.groupBy(
    stdout.split('\n').filter((line) => /^[0-9a-f]{32} \d+$/.test(line)),
    (line) => line.slice(0, 32),
  );
  const counts = await guest.root(`cd ${killDir}; for f in talked-*; do echo "\${f#talked-} $(cat $f)"; done`);
  for (const line of counts.trim().split('\n')) {
    const [id = '', count = ''] = line.split(' ');
    const numbers = (said.get(id) ?? []).map((entry) => Number(entry.slice(33)));
    const isWhole = numbers.every((number, at) => number === at + 1) && numbers.length >= Number(count);
    if (!isWhole) throw new Error(`k-talks, run ${id}: said ${count} lines, the journal has ${numbers.length}`);
  }
}

/** What must not grow. */
async function leftovers(guest: TestGuest): Promise<Record<string, number>> {
  const text = await guest.root(
    'ls /proc/$(pgrep -x lohar)/fd | wc -l; s6-fdholder-list /run/bhatti/fd-store/s | wc -l; find /run/bhatti -not -path "*/log/*" | wc -l; find /sys/fs/cgroup -name "k-*" | wc -l',
  );
  const [descriptors, kept, files, groups] = text.trim().split('\n').map(Number);
  return {
    'descriptors of lohar': descriptors ?? 0,
    'descriptors that are kept': kept ?? 0,
    'files in /run/bhatti': files ?? 0,
    'control groups': groups ?? 0,
  };
}

async function story(guest: TestGuest): Promise<string> {
  try {
    return await guest.root(
      'systemctl list-jobs; systemctl --failed; journalctl -n 60 --no-pager $(cd /etc/systemd/system && ls k-*.service | sed "s/^/-u /"); s6-fdholder-list /run/bhatti/fd-store/s',
    );
  } catch (error) {
    return `no story: ${String(error)}`;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
