// Bundles the pages of the web client into dist/viewer, each one file without a reference to any other: script, style and icon are in it, each allowed by its hash in a policy that allows
// nothing else.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dir;
const outDir = join(here, '..', '..', 'dist', 'viewer');
const icon = `data:image/svg+xml;base64,${readFileSync(join(here, 'icon.svg')).toString('base64')}`;

mkdirSync(outDir, { recursive: true });
const policy = await buildPage(here, 'index.html');
writeFileSync(join(outDir, 'csp.json'), `${JSON.stringify({ policy })}\n`);
await buildPage(join(here, 'trajectory'), 'trajectory.html');

/** Makes `name` of a folder's index.html, main.ts and style.css; gives its policy. */
async function buildPage(folder: string, name: string): Promise<string> {
  const script = await bundle(join(folder, 'main.ts'));
  const style = [join(here, 'palette.css'), join(folder, 'style.css')]
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const pagePolicy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    // noVNC draws JPEG tiles and the cursor through data: addresses; recorded pictures are the server's own.
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
    // A function as replacement: a "$" in the bundle must not be taken for a pattern.
    .replace('%policy%', () => pagePolicy)
    .replace('%icon%', () => icon)
    // The formatter indents what stands in the template's elements, and a hash is of every character.
    .replace(/<style>\s*%style%\s*<\/style>/, () => `<style>${style}</style>`)
    .replace(/(<script[^>]*>)\s*%script%\s*<\/script>/, (_, tag: string) => `${tag}${script}</script>`);
  writeFileSync(join(outDir, name), page);
  return pagePolicy;
}

async function bundle(entry: string): Promise<string> {
  const built = await Bun.build({
    entrypoints: [entry],
    target: 'browser',
    format: 'esm',
    minify: true,
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const [output] = built.outputs;
  if (!built.success || output === undefined) {
    for (const log of built.logs) console.error(log);
    process.exit(1);
  }
  // In a script element only this would end it early, and in a script it only ever stands inside a string.
  return (await output.text()).trim().replaceAll('</script', '<\\/script');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
