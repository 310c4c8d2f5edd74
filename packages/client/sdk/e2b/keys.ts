/** The names that scripts for E2B use, in those of X. A single character is itself: `A` is A. */
const names: Readonly<Record<string, string>> = {
  enter: 'Return',
  return: 'Return',
  esc: 'Escape',
  escape: 'Escape',
  backspace: 'BackSpace',
  tab: 'Tab',
  space: 'space',
  del: 'Delete',
  delete: 'Delete',
  insert: 'Insert',
  home: 'Home',
  end: 'End',
  up: 'Up',
  down: 'Down',
  left: 'Left',
  right: 'Right',
  pageup: 'Prior',
  page_up: 'Prior',
  pagedown: 'Next',
  page_down: 'Next',
  caps_lock: 'Caps_Lock',
  capslock: 'Caps_Lock',
  num_lock: 'Num_Lock',
  print_screen: 'Print',
  ctrl: 'ctrl',
  control: 'ctrl',
  alt: 'alt',
  option: 'alt',
  shift: 'shift',
  cmd: 'super',
  command: 'super',
  win: 'super',
  super: 'super',
};

/** One key, or several that are pressed at once. */
export function keysOf(key: string | readonly string[]): string {
  return (typeof key === 'string' ? [key] : key).map(keyOf).join('+');
}

function keyOf(key: string): string {
  if (Array.from(key).length === 1) return key;
  const name = key.toLowerCase();
  if (/^f\d{1,2}$/.test(name)) return name.toUpperCase();
  return Object.hasOwn(names, name) ? (names[name] ?? key) : key;
}
