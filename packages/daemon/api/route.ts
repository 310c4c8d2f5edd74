/** Something that is found by method and path. */
export interface Routed {
  readonly method: string;
  readonly path: string;
}

export interface Match<R extends Routed> {
  readonly route: R;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a request; undefined when there is none. */
export type Router<R extends Routed> = (method: string, pathname: string) => Match<R> | undefined;

export function routerOf<R extends Routed>(routes: readonly R[]): Router<R> {
  const compiled = routes.map((route) => ({ route, parts: route.path.split('/') }));
  return (method, pathname) => {
    const parts = pathname.split('/');
    for (const { route, parts: pattern } of compiled) {
      if (!matchesMethod(route.method, method)) continue;
      const params = matchPath(pattern, parts);
      if (params !== undefined) return { route, params };
    }
    return undefined;
  };
}

function matchesMethod(wanted: string, method: string): boolean {
  return wanted === method || wanted === 'ANY' || (wanted === 'GET' && method === 'HEAD');
}

function matchPath(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const hasRest = pattern.at(-1) === '*';
  const fixed = hasRest ? pattern.slice(0, -1) : pattern;
  if (hasRest ? parts.length < fixed.length : parts.length !== fixed.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, wanted] of fixed.entries()) {
    const part = parts[index] ?? '';
    if (!wanted.startsWith(':')) {
      if (wanted !== part) return undefined;
      continue;
    }
    const value = tryDecode(part);
    if (value === undefined || value === '') return undefined;
    params[wanted.slice(1)] = value;
  }
  return params;
}

function tryDecode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined; // expected: a stray percent sign from outside
  }
}
