/**
 * Every event channel of the project, on one screen. Tests and `--debug=sandbox:*` use the same seam.
 * A channel is `subject:event`; what it carries is a flat record.
 */
export const CHANNELS = [
  'daemon:start',
  'daemon:stop',
  'daemon:request',
  'daemon:error',
  'sandbox:create',
  'sandbox:boot',
  'sandbox:phase',
  'sandbox:destroy',
  'sandbox:reconcile',
  'publish:rule',
  'publish:request',
  'publish:upgrade',
  'image:build',
  'engine:command',
  'agent:start',
  'agent:exec',
  'agent:error',
  'init:start',
  'unit:state',
  'unit:job',
  'display:start',
  'display:error',
  'viewer:open',
  'viewer:refuse',
  'viewer:close',
  'viewer:update',
  'lease:taken',
  'lease:returned',
  'lease:refused',
  'lease:help',
  'lease:private',
  'encode:job',
  'encode:choice',
  'credentials:change',
] as const;

export type Channel = (typeof CHANNELS)[number];
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;
export type LogListener = (channel: Channel, fields: LogFields) => void;

const listeners = new Set<LogListener>();

/** Announces one event. Costs nothing while nobody listens. */
export function announce(channel: Channel, fields: LogFields): void {
  for (const listener of listeners) listener(channel, fields);
}

/** Hears every event until the returned function is called. */
export function onAnnounce(listener: LogListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Writes events as one line each to stderr. `patterns` is a comma list such as `sandbox:*,viewer:update`; `*` is all. */
export function logToStderr(patterns: string): () => void {
  const wanted = patterns.split(',').map((pattern) => pattern.trim().replace(/\*$/, ''));
  return onAnnounce((channel, fields) => {
    if (!wanted.some((prefix) => channel.startsWith(prefix))) return;
    const text = Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(
        ([name, value]) =>
          `${name}=${typeof value === 'string' && /[\s="]/.test(value) ? JSON.stringify(value) : value}`,
      )
      .join(' ');
    console.error(`${new Date().toISOString()} ${channel} ${text}`);
  });
}
