import { parseArgs } from 'node:util';
import { linkShapes, type LinkName } from './link/network.ts';
import { serverNames, type ServerName } from './peer/display-server.ts';
import { workloadNames, type WorkloadName } from './workload/workload.ts';

export interface BenchOptions {
  workloadsFor(link: LinkName): readonly WorkloadName[];
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

/** What a quick run is content with, and what slow links add something to. */
const quickWorkloads: readonly WorkloadName[] = ['key', 'scroll', 'drag', 'video-60-full', 'idle'];
const linkedWorkloads: readonly WorkloadName[] = [
  'key',
  'typing',
  'scroll',
  'drag',
  'video-30-window',
  'video-30-full',
  'video-60-full',
];

export const usage = `usage: npm run bench:display -- [OPTION…]
  --quick             short measurements of the most important, once each: to see that everything works
  --only WORKLOAD     ${workloadNames.join(', ')}
  --server NAME       ${serverNames.join(', ')}
  --link NAME         ${Object.keys(linkShapes).join(', ')}
  --runs N            how often each is measured (1)
  --output FILE       where the figures go as JSON (display-bench.json)
--only, --server and --link may be given several times.`;

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
  const runs = Number(values.runs ?? 1);
  if (!Number.isInteger(runs) || runs < 1) throw new RangeError(`--runs must be 1 or more, not "${values.runs}"`);
  // SAFETY: the keys of that object are these names.
  const allLinks = Object.keys(linkShapes) as LinkName[];
  const servers = chosen('--server', values.server, serverNames);
  const links = chosen('--link', values.link, values.quick ? ['lan'] : allLinks, allLinks);
  const named = chosen('--only', values.only, values.quick ? quickWorkloads : workloadNames, workloadNames);
  const workloadsFor = (link: LinkName) =>
    named.filter((name) => values.only !== undefined || link === 'lan' || linkedWorkloads.includes(name));
  const isFull = !values.quick && [values.only, values.server, values.link].every((value) => value === undefined);
  return { workloadsFor, servers, links, runs, seconds: values.quick ? 2 : 4, output: values.output, isFull };
}

function chosen<T extends string>(
  flag: string,
  given: readonly string[] | undefined,
  standard: readonly T[],
  known: readonly T[] = standard,
): readonly T[] {
  for (const word of given ?? [])
    if (!known.some((name) => name === word))
      throw new RangeError(`${flag} is one of ${known.join(', ')}, not "${word}"`);
  return given === undefined ? standard : known.filter((name) => given.includes(name));
}
