import type { Colour } from './e2e-picture.ts';
import type { Desk } from './e2e-desk.ts';
import { until } from './until.ts';

export const siteUrl = 'http://127.0.0.1:8000/';
export const siteColours: readonly [Colour, Colour] = [
  [200, 30, 90],
  [30, 140, 90],
];

const siteLog = '/tmp/site.log';

// Nothing on it moves, not even a text cursor, so that two pictures of it are the same. What is typed goes to the server's log.
const page = `<!doctype html>
<meta charset="utf-8">
<title>Test page</title>
<style>
  body { margin: 0; background: rgb(200, 30, 90) }
  div { position: fixed; inset: 0 0 0 50%; background: rgb(30, 140, 90) }
  input { position: fixed; left: 10%; bottom: 10%; width: 30%; font: 24px sans-serif; caret-color: transparent }
</style>
<div></div>
<input autofocus>
<script>
  const field = document.querySelector('input');
  const tell = (what, value) => fetch('/seen-' + what + '?' + encodeURIComponent(value));
  document.addEventListener('keydown', (event) => tell('key', event.key));
  field.addEventListener('input', () => tell('text', field.value));
</script>
`;

/** Serves the test page inside the sandbox, at `siteUrl`; does nothing when it is served already. */
export async function serveSite(desk: Desk): Promise<void> {
  await desk.must('bhatti file write desk /tmp/site/index.html', page);
  const isServed = async () => (await desk.type(`bhatti exec desk -- curl -sf -o /dev/null ${siteUrl}`)).exitCode === 0;
  if (await isServed()) return;
  const server = 'exec python3 -m http.server 8000 --bind 127.0.0.1 --directory /tmp/site';
  await desk.must(`bhatti exec desk --detach -- sh -c '${server} 2>${siteLog}'`);
  await until(isServed);
}

/** What the page told its server about keys and text, oldest first. */
export async function seenBySite(desk: Desk, what: 'key' | 'text'): Promise<string[]> {
  const log = await desk.must(`bhatti file read desk ${siteLog}`);
  return [...log.matchAll(new RegExp(`/seen-${what}\\?(\\S*)`, 'g'))].map((match) =>
    decodeURIComponent(match[1] ?? ''),
  );
}
