import { signalNumber, isSignalName } from '@bhatti/sys/process/spawn.ts';
import type { ExecCommand, ExitStatusSet, RestartPolicy, ServiceSettings } from './definition.ts';
import { EXIT_STATUS_NAMES } from './exit-status-table.ts';
import type { CommandKey, CommandRun, ProcessEnd, ServiceRecord, ServiceResult } from './service-record.ts';

// systemd.service(5), SuccessExitStatus=: these signals end a daemon cleanly.
const cleanSignals = new Set(['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGPIPE']);
const coreSignals = new Set([
  'SIGQUIT',
  'SIGILL',
  'SIGABRT',
  'SIGFPE',
  'SIGSEGV',
  'SIGBUS',
  'SIGSYS',
  'SIGTRAP',
  'SIGXCPU',
  'SIGXFSZ',
]);

/**
 * What the end of a service's process means: `result` for the unit (a `-` before the command forgives), and the entry for `status`.
 */
export function judgeExit(
  role: 'main' | 'control',
  end: ProcessEnd,
  settings: ServiceSettings,
  current: { readonly key: CommandKey; readonly index: number } | undefined,
): { result: ServiceResult; run: CommandRun | undefined } {
  // The main process may end while a command beside it runs, which then is the current one.
  const key = role === 'main' ? 'execStart' : current?.key;
  const index = current !== undefined && current.key === key ? current.index : 0;
  const command = key === undefined ? undefined : settings[key][index];
  const isDaemon = role === 'main' && settings.type !== 'oneshot';
  const result = resultOfExit(
    end,
    isDaemon ? 'daemon' : 'command',
    role === 'main' ? settings.successExitStatus : undefined,
  );
  const run =
    command === undefined || key === undefined
      ? undefined
      : { key, line: commandText(command), ignoreFailure: command.ignoreFailure, end };
  return { result: command?.ignoreFailure === true ? 'success' : result, run };
}

/** How a command is shown: path and arguments as they were written. */
export function commandText(command: ExecCommand): string {
  return [command.path, ...command.argv.slice(1)].join(' ');
}

/** What an exit means. A daemon may be ended by SIGTERM and its like; a command may not. An exit nobody saw counts as a failure, so that what must run is started again. */
export function resultOfExit(
  end: Pick<ProcessEnd, 'exitCode' | 'signal' | 'hasCore'>,
  kind: 'daemon' | 'command',
  successes?: ExitStatusSet,
): ServiceResult {
  if (end.signal !== undefined) {
    if (successes?.signals.has(end.signal) === true) return 'success';
    if (kind === 'daemon' && cleanSignals.has(end.signal)) return 'success';
    return endedHow(end) === 'dumped' ? 'core-dump' : 'signal';
  }
  if (end.exitCode === 0) return 'success';
  return end.exitCode !== undefined && successes?.codes.has(end.exitCode) === true ? 'success' : 'exit-code';
}

/** `$EXIT_STATUS` of systemd.exec(5). */
export function exitStatusText({ signal, exitCode }: Pick<ProcessEnd, 'signal' | 'exitCode'>): string {
  return signal?.replace(/^SIG/, '') ?? String(exitCode ?? '');
}

/** What a unit that is started by the end of another is told of it (systemd.exec(5), `$MONITOR_…`). */
export function monitorVariables(unit: string, record: ServiceRecord): Record<string, string> {
  const { mainEnd, result, invocationId } = record;
  return {
    MONITOR_SERVICE_RESULT: result,
    ...(mainEnd === undefined
      ? {}
      : { MONITOR_EXIT_CODE: endedHow(mainEnd), MONITOR_EXIT_STATUS: exitStatusText(mainEnd) }),
    MONITOR_INVOCATION_ID: invocationId,
    MONITOR_UNIT: unit,
  };
}

/** `$EXIT_CODE` of systemd.exec(5). Of a kernel that does not tell, a signal that usually leaves a core is taken to have done so. */
export function endedHow({ signal, hasCore }: Pick<ProcessEnd, 'signal' | 'hasCore'>): 'exited' | 'killed' | 'dumped' {
  if (signal === undefined) return 'exited';
  return (hasCore ?? coreSignals.has(signal)) ? 'dumped' : 'killed';
}

/** systemd.service(5), the table at Restart=. */
const restarts: Readonly<Record<RestartPolicy, (result: ServiceResult) => boolean>> = {
  no: () => false,
  always: (result) => result !== 'exec-condition',
  'on-success': (result) => result === 'success',
  'on-failure': (result) => result !== 'success' && result !== 'exec-condition',
  'on-abnormal': (result) => result !== 'success' && result !== 'exec-condition' && result !== 'exit-code',
  'on-abort': (result) => result === 'signal' || result === 'core-dump',
  'on-watchdog': (result) => result === 'watchdog',
};

/** Whether a service that has come to its end begins again. */
export function restartsByItself(settings: ServiceSettings, record: ServiceRecord): boolean {
  if (record.isRestartForbidden || record.result === 'start-limit-hit') return false;
  return shouldRestart(settings, record.result, record.mainEnd);
}

export function shouldRestart(
  settings: ServiceSettings,
  result: ServiceResult,
  mainEnd: ProcessEnd | undefined,
): boolean {
  if (mainEnd !== undefined && isIn(settings.restartPreventExitStatus, mainEnd)) return false;
  if (mainEnd !== undefined && isIn(settings.restartForceExitStatus, mainEnd)) return true;
  return restarts[settings.restart](result);
}

function isIn(set: ExitStatusSet, end: ProcessEnd): boolean {
  if (end.signal !== undefined) return set.signals.has(end.signal);
  return end.exitCode !== undefined && set.codes.has(end.exitCode);
}

/** `code=exited, status=1/FAILURE`, `code=killed, signal=TERM` or, for messages, `code=killed, status=15/TERM`. */
export function formatExit(
  end: Pick<ProcessEnd, 'exitCode' | 'signal' | 'hasCore'>,
  form: 'status' | 'message',
): string {
  if (end.signal !== undefined) {
    const code = endedHow(end);
    const name = end.signal.replace(/^SIG/, '');
    const number = isSignalName(end.signal) ? signalNumber(end.signal) : 0;
    return form === 'status' ? `code=${code}, signal=${name}` : `code=${code}, status=${number}/${name}`;
  }
  if (end.exitCode === undefined) return 'code=exited, status=n/a';
  // `status` names what the C library and systemd itself exit with, and nobody else's numbers.
  const isNamed = form === 'message' || end.exitCode < 2 || end.exitCode >= 200;
  const name = isNamed ? exitStatusName(end.exitCode) : undefined;
  return `code=exited, status=${end.exitCode}${name === undefined ? '' : `/${name}`}`;
}

export function exitStatusName(code: number): string | undefined {
  // As systemd prints it for services: libc's two, LSB's and its own names.
  return Object.entries(EXIT_STATUS_NAMES).find(([, value]) => value === code)?.[0] ?? (code === 0 ? undefined : 'n/a');
}
