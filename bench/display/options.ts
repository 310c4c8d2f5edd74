import { parseArgs } from 'node:util';
import { linkShapes, type LinkName } from './link/network.ts';
import { serverNames, type ServerName } from './peer/display-server.ts';
import { workloadNames, type WorkloadName } from './workload/workload.ts';

export interface BenchOptions {
  readonly workloads: readonly WorkloadName[];
  readonly servers: readonly ServerName[];
  readonly links: readonly LinkName[];
  /** How often everything is measured. */
  readonly runs: number;
  /** How long each measurement of something that moves takes. */
  readonly seconds: number;
  /** Where the JSON file goes; the chart goes to the documentation in a full run. */
  readonly output: string;
  readonly isFull: boolean;
}

export const usage = `usage: npm run bench:display -- [OPTION…]
  --quick             short measurements, once each: to see that everything works
  --only WORKLOAD     ${workloadNames.join(', ')}
  --server NAME       ${serverNames.join(', ')}
  --link NAME         ${Object.keys(linkShapes).join(', ')}
  --runs N            how often each is measured (2)
  --output FILE       where the figures go as JSON (display-bench.json)
The first three may be given several times.`;

/** Throws a RangeError that says what is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      server: { type: 'string', multiple: true },
      link: { type: 'string', multiple: true },
      runs: { type: 'string' },
      output: { type: 'string', default: 'display-bench.json' },
    },
  });
  const runs = Number(values.runs ?? (values.quick ? 1 : 2));
  if (!Number.isInteger(runs) || runs < 1) throw new RangeError(`--runs must be 1 or more, not "${values.runs}"`);
  const workloads = chosen('--only', values.only, workloadNames);
  const servers = chosen('--server', values.server, serverNames);
  // SAFETY: the keys of that object are these names.
  const allLinks = Object.keys(linkShapes) as LinkName[];
  const links = chosen('--link', values.link, allLinks);
  const isFull =
    !values.quick && [values.only, values.server, values.link].every((value) => value === undefined);
  return { workloads, servers, links, runs, seconds: values.quick ? 2 : 5, output: values.output, isFull };
}

function chosen<T extends string>(flag: string, given: readonly string[] | undefined, known: readonly T[]): readonly T[] {
  for (const word of given ?? [])
    if (!known.some((name) => name === word)) throw new RangeError(`${flag} is one of ${known.join(', ')}, not "${word}"`);
  return given === undefined ? known : known.filter((name) => given.includes(name));
}
