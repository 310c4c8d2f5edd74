/** Unit types that systemd knows. Of these, services and targets run here; the others are refused by name. */
export const UNIT_TYPES = [
  'service',
  'target',
  'socket',
  'timer',
  'path',
  'mount',
  'automount',
  'swap',
  'slice',
  'scope',
  'device',
] as const;
export type UnitType = (typeof UNIT_TYPES)[number];

export interface UnitName {
  /** As it was given, complete. */
  readonly name: string;
  readonly type: UnitType;
  /** Before `@` or before the type. */
  readonly prefix: string;
  /** Between `@` and the type: undefined without `@`, empty in a template. */
  readonly instance: string | undefined;
  /** Where its file is, once that is known. */
  readonly fragmentPath?: string;
}

const maxLength = 255; // UNIT_NAME_MAX

/** Undefined when no unit may be called so (systemd.unit(5)). */
export function parseUnitName(name: string): UnitName | undefined {
  const dot = name.lastIndexOf('.');
  const type = UNIT_TYPES.find((known) => known === name.slice(dot + 1));
  if (dot <= 0 || type === undefined || name.length > maxLength || !/^[A-Za-z0-9:_.\\@-]+$/.test(name))
    return undefined;
  const stem = name.slice(0, dot);
  const at = stem.indexOf('@');
  if (at === 0) return undefined;
  return at === -1
    ? { name, type, prefix: stem, instance: undefined }
    : { name, type, prefix: stem.slice(0, at), instance: stem.slice(at + 1) };
}

/** What people type, as a unit name: `kasmvnc` is `kasmvnc.service`. */
export function completeUnitName(text: string): string {
  const dot = text.lastIndexOf('.');
  const hasType = dot > 0 && UNIT_TYPES.some((type) => type === text.slice(dot + 1));
  return hasType ? text : `${text}.service`;
}

/** `getty@tty1.service` → `getty@.service`; undefined for a unit without instance. */
export function templateOf(unit: UnitName): string | undefined {
  return unit.instance === undefined || unit.instance === '' ? undefined : `${unit.prefix}@.${unit.type}`;
}

/** systemd-escape(1) backwards: `-` is `/`, `\x2d` is `-`. */
export function unescapeUnitName(text: string): string {
  return text
    .replaceAll('-', '/')
    .replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
