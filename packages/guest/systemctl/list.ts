import { activeState, subState, type Unit } from '../unit/unit.ts';

export interface ListedFile {
  readonly name: string;
  readonly state: string;
}

/** `systemctl list-units`: what is in memory and not at rest, or everything with `all`. */
export function formatUnitList(units: readonly Unit[], hasLegend: boolean): string {
  const rows = units
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((unit) => [
      activeState(unit) === 'failed' ? '●' : ' ',
      unit.name,
      unit.definition.loadState,
      activeState(unit),
      subState(unit),
      unit.definition.description,
    ]);
  const table = formatTable(hasLegend ? [[' ', 'UNIT', 'LOAD', 'ACTIVE', 'SUB', 'DESCRIPTION'], ...rows] : rows);
  if (!hasLegend) return table;
  return `${table}
LOAD   = Reflects whether the unit definition was properly loaded.
ACTIVE = The high-level unit activation state, i.e. generalization of SUB.
SUB    = The low-level unit activation state, values depend on unit type.
${rows.length} loaded units listed.${rows.length === 0 ? ' Pass --all to see loaded but inactive units, too.' : ''}
To show all installed unit files use 'systemctl list-unit-files'.
`;
}

export function formatFileList(files: readonly ListedFile[], hasLegend: boolean): string {
  const rows = files.map(({ name, state }) => [name, state, state === 'static' || state === 'alias' ? '-' : 'enabled']);
  const table = formatTable(hasLegend ? [['UNIT FILE', 'STATE', 'PRESET'], ...rows] : rows);
  return hasLegend ? `${table}\n${rows.length} unit files listed.\n` : table;
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
