import { randomHex } from '@bhatti/base/ids.ts';
import type { RunEnded, RunRefused, RunRequest, RunStarted } from '@bhatti/wire/agent/run.ts';
import { failureText } from '../systemctl/job-result.ts';
import { parseProperty, PropertyError, type Property } from './property-file.ts';
import { endedHow } from './service-result.ts';
import { isDown } from './state-time.ts';
import { TransactionError } from './transaction.ts';
import { removeTransient, writeTransient } from './transient.ts';
import { activeState, type Unit } from './unit.ts';
import type { UnitManager } from './unit-manager.ts';
import { parseUnitName, type UnitType } from './unit-name.ts';
import { mangleUnitName } from './unit-name-escape.ts';

/** A unit that is made for one command (systemd-run(1)): its file, its start and, where it is waited for, its end. */
export async function* runTransient(
  manager: UnitManager,
  request: RunRequest,
): AsyncGenerator<RunStarted | RunRefused | RunEnded> {
  const written: string[] = [];
  try {
    const unit = makeUnits(manager, request, written);
    if (request.kind === 'scope') takeIn(unit, request.pid);
    const { finished } = manager.submit(unit, 'start');
    if (request.until !== 'queued') {
      const failure = failureText(unit, await finished);
      if (failure !== '') return yield { error: failure };
    }
    yield { unit: unit.name };
    if (request.until !== 'ended') return;
    await manager.until(() => isDown(activeState(unit)) && unit.job === undefined);
    yield endOf(unit);
  } catch (error) {
    if (!(error instanceof TransactionError) && !(error instanceof PropertyError)) throw error;
    for (const name of written) {
      removeTransient(name);
      manager.collect();
    }
    if (error instanceof PropertyError) return yield { error: `${error.message}\n` };
    yield { error: `Failed to start transient ${request.kind} unit: ${error.message}\n` };
  }
}

/** Writes the files, and answers the unit that is to be started. */
function makeUnits(manager: UnitManager, request: RunRequest, written: string[]): Unit {
  const stem = request.unit ?? `run-r${randomHex(16)}`;
  const make = (type: UnitType, properties: readonly string[], text: string) => {
    const { name } = mangleUnitName(stem.replace(/\.(service|scope|timer)$/, ''), type);
    const unitName = parseUnitName(name);
    if (unitName === undefined) throw new PropertyError(`Failed to mangle unit name: Invalid argument`);
    const known = manager.loadFresh(name);
    if (known !== undefined && known.definition.loadState !== 'not-found')
      throw new TransactionError('refused', `Unit ${name} was already loaded or has a fragment file.`);
    writeTransient(
      name,
      unitText(
        request.description,
        properties.map((property) => parseProperty(property, unitName)),
        text,
      ),
    );
    written.push(name);
    return name;
  };
  const command = request.kind === 'scope' ? '[Scope]\n' : `[Service]\n${commandLines(request)}`;
  const started = make(request.kind === 'scope' ? 'scope' : 'service', request.properties, command);
  const anchor = request.kind === 'timer' ? make('timer', request.timerProperties, '[Timer]\n') : started;
  const unit = manager.loadFresh(anchor);
  if (unit === undefined) throw new TransactionError('bad-setting', `Unit ${anchor} is not valid.`);
  return unit;
}

function unitText(description: string, properties: readonly Property[], own: string): string {
  const ofUnit = properties.filter(({ section }) => section === 'Unit');
  const rest = properties.filter(({ section }) => section !== 'Unit');
  const lines = (list: readonly Property[]) => list.map(({ key, value }) => `${key}=${value}\n`).join('');
  const text = description.replaceAll('%', '%%').replaceAll(/[\n\r]/g, ' ');
  return `[Unit]\nDescription=${text}\n${lines(ofUnit)}\n${own}${lines(rest)}`;
}

function commandLines({ argv, stdio, pid }: RunRequest): string {
  const streams = ['StandardInput', 'StandardOutput', 'StandardError'].map(
    (name, fd) => `${name}=file:/proc/${pid}/fd/${fd}\n`,
  );
  const command = `ExecStart=\nExecStart=${argv.map(quote).join(' ')}\n`;
  return stdio ? `${streams.join('')}${command}` : command;
}

/** One word as a unit file has it (systemd.syntax(7)); `$` is left to be expanded, as systemd-run leaves it. */
function quote(word: string): string {
  const escaped = word
    .replaceAll('%', '%%')
    .replaceAll(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** The caller belongs to the scope before anything else does. */
function takeIn(unit: Unit, pid: number): void {
  if (unit.body.kind !== 'service') return;
  const { group } = unit.body.service.processes;
  group.create();
  group.join(pid);
}

function endOf(unit: Unit): RunEnded {
  if (unit.body.kind !== 'service') return { result: 'success', code: undefined, status: undefined, runtimeMs: 0 };
  const { result, mainEnd } = unit.body.service.record;
  return {
    result,
    code: mainEnd === undefined ? undefined : endedHow(mainEnd),
    status:
      mainEnd?.signal?.replace(/^SIG/, '') ?? (mainEnd === undefined ? undefined : String(mainEnd.exitCode ?? '')),
    runtimeMs: mainEnd === undefined ? 0 : (mainEnd.endedAtUs - mainEnd.startedAtUs) / 1_000,
  };
}
