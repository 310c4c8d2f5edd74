export interface ParsedArguments {
  readonly words: string[];
  readonly options: Record<string, string>;
}

/** Options may stand anywhere, as getopt has it; `--` ends them. `-p A -p B` adds up to `A,B`. */
export function parseArguments(
  args: readonly string[],
  shorts: Readonly<Record<string, string>>,
  takesValue: ReadonlySet<string>,
): ParsedArguments {
  const words: string[] = [];
  const options: Record<string, string> = {};
  const set = (name: string, value: string) => {
    const before = options[name];
    options[name] = before !== undefined && before !== '' ? `${before},${value}` : value;
  };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') return { words: [...words, ...rest], options };
    if (arg.startsWith('--')) {
      const equals = arg.indexOf('=');
      const name = arg.slice(2, equals === -1 ? undefined : equals);
      if (equals !== -1) set(name, arg.slice(equals + 1));
      else set(name, takesValue.has(name) ? (rest.shift() ?? '') : '');
    } else if (arg.startsWith('-') && arg.length > 1) {
      readShorts(arg.slice(1), rest, shorts, takesValue, set);
    } else {
      words.push(arg);
    }
  }
  return { words, options };
}

/** `-n50`, `-n 50`, `-xeu ssh`. */
function readShorts(
  letters: string,
  rest: string[],
  shorts: Readonly<Record<string, string>>,
  takesValue: ReadonlySet<string>,
  set: (name: string, value: string) => void,
): void {
  for (let at = 0; at < letters.length; at += 1) {
    const name = shorts[letters.charAt(at)] ?? letters.charAt(at);
    if (!takesValue.has(name)) {
      set(name, '');
      continue;
    }
    const attached = letters.slice(at + 1);
    return set(name, attached === '' ? (rest.shift() ?? '') : attached.replace(/^=/, ''));
  }
}
