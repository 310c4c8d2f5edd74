import { OPTIONS } from './option-table.ts';

/** What `Xkasmvnc -help` prints. */
export function helpText(): string {
  const flags = OPTIONS.flatMap((row) =>
    row.flag === undefined
      ? []
      : [`  -${row.flag}`.padEnd(32) + (row.use === 'none' ? `no effect: ${row.meaning}` : row.meaning)],
  );
  return [
    'usage: Xkasmvnc :DISPLAY [-FLAG [VALUE] | -FLAG=VALUE]…',
    '',
    'Runs an X server and serves its screen to browsers and programs on one HTTP port.',
    '',
    '  --wait-ready'.padEnd(32) + 'wait until the server answers, instead of running it',
    '  -help, -version'.padEnd(32) + 'print this, or the version',
    ...flags,
    '',
    'The same options stand in /etc/kasmvnc/kasmvnc.yaml, which is read again when a viewer connects.',
  ].join('\n');
}
