import { activeState } from '../unit/unit.ts';
import { UNIT_DIRECTORIES } from '../unit/unit-path.ts';
import type { VerbContext } from './reply.ts';
import { systemState } from './system-state.ts';
import { formatTimestamp } from './text-time.ts';

/** `systemctl show` without a unit: what programs ask of the manager itself. */
export function managerProperties({ manager, settings }: VerbContext): [string, string][] {
  const units = [...manager.loaded()];
  const variables = Object.entries(settings.environment).map(([name, value]) => `${name}=${value}`);
  return [
    ['Version', '252 (bhatti)'],
    ['Features', ''],
    ['Virtualization', 'container-other'],
    ['Architecture', process.arch === 'x64' ? 'x86-64' : process.arch],
    ['Tainted', ''],
    ['UserspaceTimestamp', formatTimestamp(settings.bootedAtUs)],
    ['LogLevel', settings.logLevel],
    ['LogTarget', 'journal'],
    ['NNames', String(units.reduce((sum, unit) => sum + unit.definition.names.size, 0))],
    ['NFailedUnits', String(units.filter((unit) => activeState(unit) === 'failed').length)],
    ['NJobs', String(units.filter((unit) => unit.job !== undefined).length)],
    ['Environment', variables.join(' ')],
    ['ConfirmSpawn', 'no'],
    ['ShowStatus', 'no'],
    ['UnitPath', UNIT_DIRECTORIES.join(' ')],
    ['DefaultStandardOutput', 'journal'],
    ['DefaultStandardError', 'inherit'],
    ['ControlGroup', ''],
    ['SystemState', systemState(manager)],
    ['DefaultTimeoutStartUSec', '1min 30s'],
    ['DefaultTimeoutStopUSec', '1min 30s'],
    ['DefaultTimeoutAbortUSec', '1min 30s'],
    ['DefaultRestartUSec', '100ms'],
    ['DefaultStartLimitIntervalUSec', '10s'],
    ['DefaultStartLimitBurst', '5'],
  ];
}
