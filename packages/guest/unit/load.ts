import { readFileSync } from 'node:fs';
import { BUILTIN_UNITS } from './builtin-units-table.ts';
import { FatalSyntaxError } from './command-line.ts';
import { DEFAULT_OUTPUT, newUnitDraft, type LoadState, type UnitDefinition, type UnitDraft } from './definition.ts';
import { findDirective, isIgnoredDirective } from './directive-lookup.ts';
import { KNOWN_SECTIONS } from './directive-table.ts';
import { parseUnitText, type Assignment } from './syntax.ts';
import { addTriggerDependencies, refusalOfTrigger, triggerOf } from './trigger-load.ts';
import { parseUnitName, type UnitName } from './unit-name.ts';
import { aliasesOf, findDropIns, findUnitFile, linkedUnits, UNIT_DIRECTORIES } from './unit-path.ts';

const maxAliasDepth = 8;
const maxWarnings = 100; // of one unit; a file of nothing but mistakes has one a line

/** Reads everything that describes a unit. Never throws for what a file holds: the definition says what is wrong. Undefined when no unit can have this name. */
export function loadUnit(asked: string, directories: readonly string[] = UNIT_DIRECTORIES): UnitDefinition | undefined {
  const first = parseUnitName(asked);
  if (first === undefined) return undefined;
  const names = new Set([asked]);
  let unit = first;
  for (let depth = 0; depth < maxAliasDepth; depth += 1) {
    const file = findUnitFile(unit, directories);
    const builtin = BUILTIN_UNITS[unit.name];
    const target = file?.kind === 'alias' ? file.target : file === undefined ? builtinAlias(builtin) : undefined;
    const next = target === undefined ? undefined : parseUnitName(target);
    if (next !== undefined) {
      unit = next;
      names.add(unit.name);
      continue;
    }
    if (file?.kind === 'masked')
      return emptyDefinition(unit, names, {
        loadState: 'masked',
        path: file.path,
        why: `Unit ${unit.name} is masked.`,
      });
    if (file?.kind === 'unreadable')
      return emptyDefinition(unit, names, { loadState: 'error', path: file.path, why: unloadable(unit, file.why) });
    if (file !== undefined) for (const alias of aliasesOf(unit, directories)) names.add(alias);
    if (file?.kind === 'file')
      return readDefinition({ ...unit, fragmentPath: file.path }, names, directories, file.text);
    if (builtin !== undefined) return readDefinition(unit, names, directories, builtin);
    return emptyDefinition(unit, names, {
      loadState: 'not-found',
      path: undefined,
      why: `Unit ${unit.name} not found.`,
    });
  }
  return emptyDefinition(unit, names, {
    loadState: 'error',
    path: undefined,
    why: 'Too many levels of symbolic links',
  });
}

function unloadable(unit: UnitName, why: string): string {
  return `Unit ${unit.name} failed to load properly, please adjust/correct and reload service manager: ${why}`;
}

function builtinAlias(text: string | undefined): string | undefined {
  return text?.startsWith('alias ') === true ? text.slice('alias '.length) : undefined;
}

function readDefinition(
  unit: UnitName,
  names: ReadonlySet<string>,
  directories: readonly string[],
  fragment: string,
): UnitDefinition {
  const { fragmentPath } = unit;
  const draft = newUnitDraft();
  const warnings: string[] = [];
  const apply = (text: string, path: string) => {
    const parsed = parseUnitText(text, path);
    for (const warning of parsed.warnings) warnings.push(warning);
    for (const { name, line } of parsed.sections)
      if (!isKnownSection(name)) warnings.push(`${path}:${line}: Unknown section '${name}'. Ignoring.`);
    for (const assignment of parsed.assignments) {
      applyAssignment(draft, assignment, unit, warnings);
      // What follows such a line is not read.
      if (draft.isBroken) break;
    }
    return draft.failure ?? parsed.failure;
  };
  const failure = apply(fragment, fragmentPath ?? unit.name);
  if (failure !== undefined)
    return {
      ...emptyDefinition(unit, names, {
        loadState: 'error',
        path: fragmentPath,
        why: unloadable(unit, failure),
      }),
      warnings: firstOf(warnings, unit),
    };
  const dropInPaths = findDropIns(names, directories);
  for (const path of dropInPaths) apply(readDropIn(path, warnings), path);

  addLinked(draft, names, directories);
  if (unit.type === 'service') completeService(unit, draft, warnings);
  // A built-in socket stands for one that is there anyway.
  const trigger = unit.fragmentPath === undefined ? undefined : triggerOf(unit, draft);
  const refusal = draft.isBroken
    ? 'Unit configuration has fatal error, unit will not be started.'
    : trigger === undefined
      ? refusalOf(unit, draft)
      : refusalOfTrigger(trigger);
  addDefaultDependencies(unit, draft);
  if (trigger !== undefined) addTriggerDependencies(unit, draft, trigger);
  return {
    name: unit.name,
    type: unit.type,
    names,
    loadState: refusal === undefined ? 'loaded' : 'bad-setting',
    loadError: refusal === undefined ? undefined : `Unit ${unit.name} has a bad unit file setting.`,
    fragmentPath,
    dropInPaths,
    warnings: firstOf(refusal === undefined ? warnings : [...warnings, `${unit.name}: ${refusal}`], unit),
    ignored: [...draft.ignored],
    description: draft.description || unit.name,
    documentation: draft.documentation,
    defaultDependencies: draft.defaultDependencies,
    dependencies: draft.dependencies,
    conditions: draft.conditions,
    startLimitIntervalMs: draft.startLimitIntervalMs,
    startLimitBurst: draft.startLimitBurst,
    refuseManualStart: draft.refuseManualStart,
    refuseManualStop: draft.refuseManualStop,
    jobs: draft.jobs,
    service: unit.type === 'service' || unit.type === 'scope' ? draft.service : undefined,
    trigger,
    install: draft.install,
  };
}

/** The first of them, and the last one, which says why a unit is refused. */
function firstOf(warnings: readonly string[], unit: UnitName): readonly string[] {
  if (warnings.length <= maxWarnings) return warnings;
  const more = `${unit.name}: ${warnings.length - maxWarnings} more lines are wrong.`;
  return [...warnings.slice(0, maxWarnings - 1), ...warnings.slice(-1), more];
}

function applyAssignment(draft: UnitDraft, assignment: Assignment, unit: UnitName, warnings: string[]): void {
  const { section, key, value, path, line } = assignment;
  const warn = (what: string) => warnings.push(`${path}:${line}: ${what}`);
  if (section.startsWith('X-') || key.startsWith('X-') || !isKnownSection(section)) return;
  const directive = findDirective(section, key, unit.type);
  if (directive === undefined) {
    if (isIgnoredDirective(section, key, unit.type)) draft.ignored.add(`${section}.${key}`);
    else warn(`Unknown key '${key}' in section [${section}], ignoring.`);
    return;
  }
  try {
    directive(draft, value, unit);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    for (const problem of error.message.split('\n')) warn(problem);
    if (!(error instanceof FatalSyntaxError)) return;
    draft.isBroken = true;
    draft.failure ??= error.failure;
  }
  for (const note of draft.notes.splice(0)) warn(note);
}

function isKnownSection(name: string): boolean {
  return KNOWN_SECTIONS.has(name) || name.startsWith('X-');
}

function readDropIn(path: string, warnings: string[]): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    warnings.push(`${path}: ${error instanceof Error ? error.message : String(error)}`);
    return '';
  }
}

function addLinked(draft: UnitDraft, names: ReadonlySet<string>, directories: readonly string[]): void {
  for (const name of linkedUnits(names, 'wants', directories)) draft.dependencies.Wants.add(name);
  for (const name of linkedUnits(names, 'requires', directories)) draft.dependencies.Requires.add(name);
  for (const name of linkedUnits(names, 'upholds', directories)) draft.dependencies.Upholds.add(name);
}

/** What makes systemd refuse a whole service (service_verify), in its words. */
function refusalOf(unit: UnitName, draft: UnitDraft): string | undefined {
  if (unit.type !== 'service') return undefined;
  const { type, execStart, execStop, remainAfterExit, restart, busName } = draft.service;
  if (execStart.length === 0 && execStop.length === 0)
    return 'Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.';
  if (execStart.length === 0 && type !== 'oneshot')
    return 'Service has no ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.';
  if (execStart.length === 0 && !remainAfterExit)
    return 'Service has no ExecStart= and no SuccessAction= settings and does not have RemainAfterExit=yes set. Refusing.';
  if (type === 'dbus' && busName === undefined)
    return 'Service is of type D-Bus but no D-Bus service name has been specified. Refusing.';
  if (execStart.length > 1 && type !== 'oneshot')
    return 'Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.';
  if (type === 'oneshot' && (restart === 'always' || restart === 'on-success'))
    return "Service has Restart= set to either always or on-success, which isn't allowed for Type=oneshot services. Refusing.";
  return undefined;
}

function completeService(unit: UnitName, draft: UnitDraft, warnings: string[]): void {
  const { service } = draft;
  // systemd.service(5), Type=.
  if (!draft.isTypeGiven)
    service.type = service.busName !== undefined ? 'dbus' : service.execStart.length > 0 ? 'simple' : 'oneshot';
  if (service.type === 'dbus' && service.busName !== undefined) {
    warnings.push(`${unit.name}: Type=dbus is treated as Type=simple: there is no system bus to wait for.`);
    service.type = 'simple';
  }
  // What reads from a connection answers on it (systemd.exec(5), StandardOutput=).
  if (service.standardInput?.kind === 'socket' && service.standardOutput === DEFAULT_OUTPUT)
    service.standardOutput = { kind: 'inherit' };
  for (const name of service.sockets) {
    draft.dependencies.Wants.add(name);
    draft.dependencies.After.add(name);
  }
  // Whoever is waited for must be heard.
  if (service.type === 'notify' && service.notifyAccess === 'none') service.notifyAccess = 'main';
  // A oneshot may work for as long as it likes (systemd.service(5), TimeoutStartSec=).
  service.timeoutStartMs ??= service.type === 'oneshot' ? Infinity : 90_000;
}

/** systemd.service(5) and systemd.target(5), "Default Dependencies". */
function addDefaultDependencies(unit: UnitName, draft: UnitDraft): void {
  if (!draft.defaultDependencies) return;
  if (unit.type !== 'service' && unit.type !== 'target' && unit.type !== 'scope') return;
  draft.dependencies.Conflicts.add('shutdown.target');
  draft.dependencies.Before.add('shutdown.target');
  if (unit.type !== 'service') return;
  draft.dependencies.Requires.add('sysinit.target');
  draft.dependencies.After.add('sysinit.target').add('basic.target');
}

function emptyDefinition(
  unit: UnitName,
  names: ReadonlySet<string>,
  problem: { readonly loadState: LoadState; readonly path: string | undefined; readonly why: string },
): UnitDefinition {
  const draft = newUnitDraft();
  return {
    ...draft,
    name: unit.name,
    type: unit.type,
    names,
    loadState: problem.loadState,
    loadError: problem.why,
    fragmentPath: problem.path,
    dropInPaths: [],
    warnings: [],
    ignored: [],
    description: unit.name,
    service: undefined,
    trigger: undefined,
  };
}
