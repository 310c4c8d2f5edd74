import { CodedError, describe } from '@bhatti/base/errors.ts';
import type { Element, FindRequest } from '@bhatti/wire/display/a11y.ts';

/** What tells whether an element is one that was asked for. Throws INVALID_ARGUMENT for a pattern that is none. */
export function elementMatcher({
  role,
  name,
  match = 'substring',
  states = [],
}: FindRequest): (element: Element) => boolean {
  const fitsName = name === undefined ? () => true : nameMatcher(name, match);
  return (element) =>
    (role === undefined || element.role === role) &&
    states.every((state) => element.states.includes(state)) &&
    fitsName(element.name);
}

function nameMatcher(name: string, match: 'exact' | 'substring' | 'regex'): (text: string) => boolean {
  switch (match) {
    case 'exact':
      return (text) => text === name;
    case 'substring': {
      const wanted = name.toLowerCase();
      return (text) => text.toLowerCase().includes(wanted);
    }
    case 'regex': {
      const pattern = compile(name);
      return (text) => pattern.test(text);
    }
  }
}

function compile(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    const message = `cannot look for "${source.slice(0, 100)}": ${describe(error)}`;
    throw new CodedError('INVALID_ARGUMENT', message, { argument: 'name' }, { cause: error });
  }
}
