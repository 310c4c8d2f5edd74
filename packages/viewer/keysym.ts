/** X keysyms of the keys that the page sends by itself. */
export const keysyms = {
  backSpace: 0xff08,
  tab: 0xff09,
  return: 0xff0d,
  escape: 0xff1b,
  print: 0xff61,
  insert: 0xff63,
  delete: 0xffff,
  f4: 0xffc1,
  f11: 0xffc8,
  shift: 0xffe1,
  control: 0xffe3,
  alt: 0xffe9,
  super: 0xffeb,
  upperV: 0x56,
  lowerV: 0x76,
} as const;

/** The keysym of one character: Latin-1 stands for itself, the rest of Unicode lies above 0x01000000 (X11 protocol, appendix A). */
export function keysymOfCharacter(character: string): number | undefined {
  const point = character.codePointAt(0);
  if (point === undefined) return undefined;
  if (point === 0x0a || point === 0x0d) return keysyms.return;
  if (point === 0x09) return keysyms.tab;
  if ((point >= 0x20 && point <= 0x7e) || (point >= 0xa0 && point <= 0xff)) return point;
  return point < 0x100 ? undefined : 0x01000000 + point;
}
