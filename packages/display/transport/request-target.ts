import { CodedError } from '@bhatti/base/errors.ts';

/** Path and query of a request. The host that a client names, or leaves out, does not matter; a target that is none throws INVALID_ARGUMENT. */
export function requestTarget(request: Request): { readonly path: string; readonly query: URLSearchParams } {
  const url = URL.parse(request.url, 'http://desktop/');
  if (url === null) {
    throw new CodedError('INVALID_ARGUMENT', 'cannot read this request: its host or path is malformed', {
      argument: 'host',
    });
  }
  return { path: url.pathname, query: url.searchParams };
}
