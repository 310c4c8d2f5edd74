import type { Asked } from './main.ts';

/** systemctl(1), import-environment: the variables that are named, as this program has them; without names all, which is frowned upon. */
export function importEnvironment(asked: Asked): Asked {
  if (asked.words.length === 0)
    process.stderr.write('Calling import-environment without a list of variable names is deprecated.\n');
  const names = asked.words.length === 0 ? Object.keys(process.env) : asked.words;
  const variables = names.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...asked,
    words: [],
    options: { ...asked.options, variables: JSON.stringify(Object.fromEntries(variables)) },
  };
}
