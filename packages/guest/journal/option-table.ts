/** journalctl(1)'s options: the letter, and whether a value follows. `refused` are those that mean files or machines that are not here. */
export interface OptionSpec {
  readonly letter?: string;
  readonly value?: 'required' | 'optional';
}

export const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  help: { letter: 'h' },
  version: {},
  system: {},
  user: {},
  machine: { letter: 'M', value: 'required' },
  merge: { letter: 'm' },
  directory: { letter: 'D', value: 'required' },
  file: { value: 'required' },
  root: { value: 'required' },
  image: { value: 'required' },
  namespace: { value: 'required' },
  since: { letter: 'S', value: 'required' },
  until: { letter: 'U', value: 'required' },
  cursor: { letter: 'c', value: 'required' },
  'after-cursor': { value: 'required' },
  'cursor-file': { value: 'required' },
  'show-cursor': {},
  boot: { letter: 'b', value: 'optional' },
  unit: { letter: 'u', value: 'required' },
  'user-unit': { value: 'required' },
  identifier: { letter: 't', value: 'required' },
  priority: { letter: 'p', value: 'required' },
  facility: { value: 'required' },
  grep: { letter: 'g', value: 'required' },
  'case-sensitive': { value: 'optional' },
  dmesg: { letter: 'k' },
  output: { letter: 'o', value: 'required' },
  'output-fields': { value: 'required' },
  lines: { letter: 'n', value: 'optional' },
  reverse: { letter: 'r' },
  utc: {},
  catalog: { letter: 'x' },
  'no-hostname': {},
  'no-full': {},
  full: { letter: 'l' },
  all: { letter: 'a' },
  follow: { letter: 'f' },
  'no-tail': {},
  quiet: { letter: 'q' },
  'no-pager': {},
  'pager-end': { letter: 'e' },
  interval: { value: 'required' },
  'verify-key': { value: 'required' },
  force: {},
  fields: { letter: 'N' },
  field: { letter: 'F', value: 'required' },
  'list-boots': {},
  'disk-usage': {},
  'vacuum-size': { value: 'required' },
  'vacuum-files': { value: 'required' },
  'vacuum-time': { value: 'required' },
  verify: {},
  sync: {},
  flush: {},
  rotate: {},
  header: {},
  'list-catalog': {},
  'dump-catalog': {},
  'update-catalog': {},
  'setup-keys': {},
  'new-id128': {},
};

/** Options that are understood and not offered here. */
export const REFUSED: readonly string[] = [
  'machine',
  'merge',
  'directory',
  'file',
  'root',
  'image',
  'namespace',
  'user-unit',
  'interval',
  'verify-key',
  'list-catalog',
  'dump-catalog',
  'update-catalog',
  'setup-keys',
  'new-id128',
];

export const HELP = `journalctl [OPTIONS...] [MATCHES...]

Query the journal.

Filtering Options:
  -S --since=DATE            Show entries not older than the specified date
  -U --until=DATE            Show entries not newer than the specified date
  -c --cursor=CURSOR         Show entries starting at the specified cursor
     --after-cursor=CURSOR   Show entries after the specified cursor
     --cursor-file=FILE      Show entries after cursor in FILE and update FILE
  -b --boot[=ID]             Show current boot or the specified boot
  -u --unit=UNIT             Show logs from the specified unit
  -t --identifier=STRING     Show entries with the specified syslog identifier
  -p --priority=RANGE        Show entries within the specified priority range
     --facility=FACILITY...  Show entries with the specified facilities
  -g --grep=PATTERN          Show entries with MESSAGE matching PATTERN
     --case-sensitive[=BOOL] Force case sensitive or insensitive matching
  -k --dmesg                 Show kernel message log: a sandbox has none

Output Control Options:
  -o --output=STRING         Change journal output mode (short, short-precise,
                               short-iso, short-iso-precise, short-full,
                               short-monotonic, short-unix, verbose, export,
                               json, json-pretty, json-sse, json-seq, cat,
                               with-unit)
     --output-fields=LIST    Select fields to print in verbose/export/json modes
  -n --lines[=INTEGER]       Number of journal entries to show
  -r --reverse               Show the newest entries first
     --show-cursor           Print the cursor after all the entries
     --utc                   Express time in Coordinated Universal Time (UTC)
     --no-hostname           Suppress output of hostname field
  -a --all                   Show all fields, including long and unprintable
  -f --follow                Follow the journal
     --no-tail               Show all lines, even in follow mode
  -q --quiet                 Do not show info messages

Commands:
  -h --help                  Show this help text
     --version               Show package version
  -N --fields                List all field names currently used
  -F --field=FIELD           List all values that a specified field takes
     --list-boots            Show terse information about recorded boots
     --disk-usage            Show total disk usage of all journal files
     --vacuum-size=BYTES     Reduce disk usage below specified size
     --vacuum-files=INT      Leave only the specified number of journal files
     --vacuum-time=TIME      Remove journal files older than specified time
     --verify                Verify journal file consistency
     --sync                  Synchronize unwritten journal messages to disk
     --flush                 Nothing to do: the journal is on disk
     --rotate                Request immediate rotation of the journal files
     --header                Show journal header information
`;
