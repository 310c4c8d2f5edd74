// Bundles the web client into dist/viewer/index.html, one file without a reference to any other: script, style and icon are in it, each allowed by its hash in a policy that allows
// nothing else. dist/viewer/csp.json has the same policy for the header.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dir;
const outDir = join(here, '..', '..', 'dist', 'viewer');

const bundle = await Bun.build({
  entrypoints: [join(here, 'main.ts')],
  target: 'browser',
  format: 'esm',
  minify: true,
  define: { 'process.env.NODE_ENV': '"production"' },
});
const [output] = bundle.outputs;
if (!bundle.success || output === undefined) {
  for (const log of bundle.logs) console.error(log);
  process.exit(1);
}

// In a script element only this would end it early, and in a script it only ever stands inside a string.
const script = (await output.text()).trim().replaceAll('</script', '<\\/script');
const style = readFileSync(join(here, 'style.css'), 'utf8')
  .replaceAll(/\/\*[\s\S]*?\*\//g, '')
  .replaceAll(/\s+/g, ' ')
  .trim();
const icon = `data:image/svg+xml;base64,${readFileSync(join(here, 'icon.svg')).toString('base64')}`;

const policy = [
  "default-src 'none'",
  `script-src '${hashOf(script)}'`,
  `style-src '${hashOf(style)}'`,
  // noVNC draws JPEG tiles and the cursor through data: addresses.
  'img-src data: blob:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const page = readFileSync(join(here, 'index.html'), 'utf8')
  // A function as replacement: a "$" in the bundle must not be taken for a pattern.
  .replace('%policy%', () => policy)
  .replace('%icon%', () => icon)
  // The formatter indents what stands in the template's elements, and a hash is of every character.
  .replace(/<style>\s*%style%\s*<\/style>/, () => `<style>${style}</style>`)
  .replace(/(<script[^>]*>)\s*%script%\s*<\/script>/, (_, tag: string) => `${tag}${script}</script>`);

mkdirSync(outDir, { recursive: true });
writeFileSync(join(outDir, 'index.html'), page);
writeFileSync(join(outDir, 'csp.json'), `${JSON.stringify({ policy })}\n`);

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
