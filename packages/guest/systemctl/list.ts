import { activeState, subState, type Unit } from '../unit/unit.ts';

export interface ListedFile {
  readonly name: string;
  readonly state: string;
  readonly preset: string;
}

export interface UnitListView {
  readonly hasLegend: boolean;
  /** Without the column of marks. */
  readonly isPlain: boolean;
  /** What is said below the list about how to see more. */
  readonly hints: 'all' | 'files' | 'none';
}

/** `systemctl list-units`. */
export function formatUnitList(units: readonly Unit[], view: UnitListView): string {
  const rows = units.toSorted(byTypeAndName).map((unit) => [
    markOf(unit),
    unit.name,
    unit.definition.loadState,
    activeState(unit),
    subState(unit),
    // A column for what is queued, where anything is.
    ...(units.some(({ job }) => job !== undefined) ? [unit.job?.type ?? ''] : []),
    unit.definition.description,
  ]);
  const hasJobs = units.some(({ job }) => job !== undefined);
  const header = [' ', 'UNIT', 'LOAD', 'ACTIVE', 'SUB', ...(hasJobs ? ['JOB'] : []), 'DESCRIPTION'];
  const cells = [...(view.hasLegend ? [header] : []), ...rows];
  const table = formatTable(view.isPlain ? cells.map((row) => row.slice(1)) : cells);
  if (!view.hasLegend) return table;
  const legend = rows.length === 0 ? '' : `\n${legendText}${hasJobs ? jobText : ''}`;
  const all = view.hints === 'all' ? ' Pass --all to see loaded but inactive units, too.' : '';
  const files = view.hints === 'none' ? '' : "To show all installed unit files use 'systemctl list-unit-files'.\n";
  return `${table}${legend}${rows.length} loaded units listed.${all}\n${files}`;
}

const legendText = `LOAD   = Reflects whether the unit definition was properly loaded.
ACTIVE = The high-level unit activation state, i.e. generalization of SUB.
SUB    = The low-level unit activation state, values depend on unit type.
`;
const jobText = 'JOB    = Pending job for the unit.\n';

function markOf(unit: Unit): string {
  const { loadState } = unit.definition;
  return activeState(unit) === 'failed' || (loadState !== 'loaded' && loadState !== 'masked') ? '●' : ' ';
}

export function formatFileList(files: readonly ListedFile[], hasLegend: boolean): string {
  const rows = files.map(({ name, state, preset }) => [name, state, preset]);
  const table = formatTable(hasLegend ? [['UNIT FILE', 'STATE', 'PRESET'], ...rows] : rows);
  return hasLegend ? `${table}\n${rows.length} unit files listed.\n` : table;
}

/** Services before targets, as their types are called. */
export function byTypeAndName(a: { readonly name: string }, b: { readonly name: string }): number {
  const [typeA, typeB] = [typeOf(a.name), typeOf(b.name)];
  if (typeA !== typeB) return typeA < typeB ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

function typeOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** Columns as wide as their widest cell; nothing after the last. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, cell.length);
  const lines = rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join(' ')
      .trimEnd(),
  );
  return lines.map((line) => `${line}\n`).join('');
}
