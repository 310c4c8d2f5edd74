import { tryReadTextSync } from '@bhatti/sys/text-file-sync.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import { type Environment } from './environment.ts';
import { type GivenOptions, normalise, optionId } from './given.ts';
import { OPTIONS, type OptionRow } from './option-table.ts';

const rows = new Map(OPTIONS.flatMap((row) => (row.yaml === undefined ? [] : [[row.yaml, row] as const])));

/** Keys of yaml files that mean the opposite of their flag. */
const inverted = new Set(['runtime_configuration.allow_client_to_override_kasm_server_settings']);

/**
 * The options that kasmvnc.yaml sets; none when there is no such file. Throws INVALID_ARGUMENT that names the file and the key for an unknown key or a wrong value, so that a typo
 * is not a setting that silently does nothing.
 */
export async function optionsFromYaml(path: string, environment: Environment): Promise<GivenOptions> {
  const text = tryReadTextSync(path);
  const given: GivenOptions = new Map();
  if (text === undefined || text.trim() === '') return given;
  // The parser takes 1.5 ms to load, and most desktops have no such file.
  const { parse } = await import('yaml');
  const document = parseOrThrow(path, text, parse);
  if (document === null) return given;
  for (const [key, value] of leavesOf(document, '')) {
    const row = rows.get(key);
    if (row === undefined) {
      throw new CodedError('INVALID_ARGUMENT', `cannot use "${path}": unknown key "${key}"`, { argument: key });
    }
    if (value === null) continue; // "~" is KasmVNC's way to leave a key unset
    const origin = `"${key}" of ${path}`;
    given.set(optionId(row), { value: optionText(row, value, { origin, environment }), origin });
  }
  return given;
}

function parseOrThrow(path: string, text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text);
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
    throw new CodedError('INVALID_ARGUMENT', `cannot read "${path}": ${why}`, { argument: path }, { cause: error });
  }
}

/** Maps are levels of a key, except those that are a value themselves (headers). */
function* leavesOf(node: unknown, prefix: string): Generator<[string, unknown]> {
  if (node === null || typeof node !== 'object' || Array.isArray(node)) {
    yield [prefix, node];
    return;
  }
  for (const [name, value] of Object.entries(node)) {
    const key = prefix === '' ? name : `${prefix}.${name}`;
    if (rows.get(key)?.kind.type === 'list' || value === null) yield [key, value];
    else yield* leavesOf(value, key);
  }
}

function optionText(row: OptionRow, value: unknown, at: { origin: string; environment: Environment }): string {
  const text = textOf(value).replaceAll(/\$\{(\w+)\}/g, (_, name: string) => at.environment[name] ?? '');
  const normal = normalise(row.kind, text, at.origin);
  if (!inverted.has(row.yaml ?? '')) return normal;
  return normal === '1' ? '0' : '1';
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join('\n');
  if (value !== null && typeof value === 'object') {
    return Object.entries(value)
      .map(([name, inner]) => `${name}=${textOf(inner)}`)
      .join('\n');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
