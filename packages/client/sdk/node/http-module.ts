/**
 * `node:http`, or with TLS `node:https`, by name instead of by `import`. An import evaluates all that they export, the whole of `fetch` and WebSocket among it, which takes 25 ms; so it is 5, and
 * TLS, for another 12, is there only where it is spoken.
 */
export function httpModule(isTls: boolean): Pick<typeof import('node:http'), 'request' | 'Agent'> {
  return isTls ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
}
