import { onAnnounce, type Channel, type LogFields } from '@bhatti/base/log.ts';

/** What a running daemon tells by itself; `--debug` adds more. */
const told: ReadonlySet<Channel> = new Set([
  'daemon:start',
  'daemon:stop',
  'daemon:error',
  'sandbox:create',
  'sandbox:phase',
  'sandbox:destroy',
  'sandbox:reconcile',
  'publish:rule',
  'image:build',
]);

/** One line an event on stderr. Under systemd the journal has the time, and reads the level from `<N>`. */
export function logEvents(debug: string | undefined, isJournal: boolean): Disposable {
  const patterns = (debug ?? '').split(',').map((pattern) => pattern.trim().replace(/\*$/, ''));
  const isWanted = (channel: Channel) =>
    told.has(channel) || patterns.some((prefix) => prefix !== '' && channel.startsWith(prefix));
  const stop = onAnnounce((channel, fields) => {
    if (!isWanted(channel)) return;
    const level = channel === 'daemon:error' ? '<3>' : '<6>';
    process.stderr.write(`${isJournal ? level : `${new Date().toISOString()} `}${channel}${formatFields(fields)}\n`);
  });
  return { [Symbol.dispose]: stop };
}

export function formatFields(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? quoted(value) : value}`)
    .join('');
}

/** A value from outside must not look like another field, nor start another line. */
function quoted(value: string): string {
  return /^[\w./:@%+,-]+$/.test(value) ? value : JSON.stringify(value);
}
