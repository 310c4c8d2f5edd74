/** A column of fixed width, as scripts that cut by position know it; longer text moves the rest of its line. */
export interface Column {
  readonly title: string;
  readonly width: number;
}

export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  return [columns.map((column) => column.title), ...rows]
    .map((cells) =>
      columns
        .map(({ width }, at) => (cells[at] ?? '').padEnd(width))
        .join(' ')
        .trimEnd(),
    )
    .join('\n');
}

/** `Name:   value` lines with one column of values. */
export function formatFields(fields: readonly (readonly [string, string])[], indent = ''): string {
  const width = Math.max(...fields.map(([name]) => name.length)) + 3;
  return fields.map(([name, value]) => `${indent}${`${name}:`.padEnd(width)}${value}`.trimEnd()).join('\n');
}
