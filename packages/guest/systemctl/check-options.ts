import { UNIT_TYPES } from '../unit/unit-name.ts';
import type { Asked, Printed } from './main.ts';
import { listSignals, parseSignal } from './signal-name.ts';

const outputs = (
  'short short-full short-iso short-iso-precise short-precise short-monotonic short-delta short-unix verbose export json ' +
  'json-pretty json-sse json-seq cat with-unit'
).split(' ');
const loadStates = ['stub', 'loaded', 'not-found', 'bad-setting', 'error', 'merged', 'masked'];
const activeStates = ['active', 'reloading', 'inactive', 'failed', 'activating', 'deactivating', 'maintenance'];

/** Options that answer by themselves, and values that cannot be. Undefined when the verb may go on. */
export function checkOptions({ verb, options }: Asked): Printed | undefined {
  const say = (stdout: string): Printed => ({ stdout, stderr: '', exitCode: 0 });
  const fail = (message: string): Printed => ({ stdout: '', stderr: `${message}\n`, exitCode: 1 });
  if ('help' in options) return say(usage);
  if ('version' in options) return say('systemd 252 (bhatti)\n');
  const { type, state, lines, output, signal, root, image } = options;
  if (type === 'help') return say(`Available unit types:\n${UNIT_TYPES.toSorted().join('\n')}\n`);
  const wrongType = type?.split(',').find((name) => name !== '' && ![...UNIT_TYPES, ...loadStates].includes(name));
  if (wrongType !== undefined)
    return fail(`Unknown unit type or load state '${wrongType}'.\nUse -t help to see a list of allowed values.`);
  if (state === 'help')
    return say(
      `Available unit load states:\n${loadStates.join('\n')}\n\nAvailable unit active states:\n${activeStates.join('\n')}\n`,
    );
  if (lines !== undefined && !/^\d+$/.test(lines)) return fail(`Failed to parse lines '${lines}'`);
  if (output === 'help') return say(`${outputs.join('\n')}\n`);
  if (output !== undefined && !outputs.includes(output)) return fail(`Unknown output '${output}'.`);
  if (signal === 'list' || signal === 'help') return say(listSignals());
  if (signal !== undefined && parseSignal(signal) === undefined)
    return fail(`Failed to parse signal string "${signal}".`);
  const mode = options['preset-mode'];
  if (mode !== undefined && !['full', 'enable-only', 'disable-only'].includes(mode))
    return fail(`Failed to parse preset mode: ${mode}.`);
  if ('host' in options || 'machine' in options) return fail('Failed to connect to bus: Host is down');
  if (image !== undefined || (root !== undefined && !/^\/*$/.test(root)))
    return fail(`Verb '${verb}' cannot be used with --root= or --image=.`);
  return undefined;
}

const usage = `systemctl [OPTIONS...] COMMAND ...

Query or send control commands to the service manager of this sandbox.

Units:
  list-units [PATTERN...]              status [PATTERN...|PID...]
  list-dependencies [UNIT...]          show [PATTERN...|JOB...]
  list-timers [PATTERN...]             list-sockets [PATTERN...]
  is-active PATTERN...                 cat PATTERN...
  is-failed PATTERN...                 is-system-running
  start UNIT...                        stop UNIT...
  restart UNIT...                      try-restart UNIT...
  reload UNIT...                       reload-or-restart UNIT...
  try-reload-or-restart UNIT...        isolate UNIT
  kill UNIT...                         clean UNIT...
  freeze PATTERN...                    thaw PATTERN...
  set-property UNIT PROPERTY=VALUE...  reset-failed [PATTERN...]

Unit files:
  list-unit-files [PATTERN...]         is-enabled [NAME...|PATH...]
  enable [NAME...|PATH...]             disable NAME...
  reenable NAME...                     preset NAME...
  mask NAME...                         unmask NAME...
  link PATH...                         revert NAME...
  add-wants TARGET NAME...             add-requires TARGET NAME...
  edit NAME...                         preset-all
  get-default                          set-default TARGET

Jobs, environment, manager:
  list-jobs [PATTERN...]               cancel [JOB...]
  show-environment                     set-environment VARIABLE=VALUE...
  unset-environment VARIABLE...        import-environment VARIABLE...
  daemon-reload                        daemon-reexec
  log-level [LEVEL]                    default
  poweroff                             halt
  reboot                               suspend
`;
