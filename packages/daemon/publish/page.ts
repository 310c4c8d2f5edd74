import { CodedError } from '@bhatti/base/errors.ts';

/** What a browser, or a program, is shown instead of the published port. */
export interface ErrorPage {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An error in plain words: a page for browsers, one line for programs. */
export function errorPage(thrown: CodedError, accept: string | undefined): ErrorPage {
  // What a defect of ours is about is for the log, not for whoever opened a page.
  const error = thrown.code === 'INTERNAL' ? new CodedError('INTERNAL', 'internal error', {}) : thrown;
  const status = error.spec.http;
  const retry = error.spec.retry ? { 'retry-after': '1' } : {};
  const common = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', ...retry };
  if (accept?.includes('text/html') !== true)
    return {
      status,
      headers: { ...common, 'content-type': 'text/plain; charset=utf-8' },
      body: `${error.message}${error.hint === undefined ? '' : `\nhint: ${error.hint}`}\n`,
    };
  return {
    status,
    headers: {
      ...common,
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    },
    body: html(status, error),
  };
}

function html(status: number, error: CodedError): string {
  const hint = error.hint === undefined ? '' : `<p>Try: <code>${escape(error.hint)}</code></p>`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${status} bhatti</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:36em;margin:20vh auto;padding:0 1em}code{background:#8882;padding:.1em .3em;border-radius:.2em}</style>
<h1>${escape(capitalised(error.message))}.</h1>${hint}<p><small>${status} ${error.code}</small></p></html>
`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
