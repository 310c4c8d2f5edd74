// Makes dist/sdk, the package `@bhatti/client` as a stranger installs it: plain ESM JavaScript for Node and Bun and for browsers, with types.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { VERSION } from '@bhatti/base/version.ts';

const here = import.meta.dir;
const root = join(here, '..', '..');
const outDir = process.env['BHATTI_SDK_OUT'] ?? join(root, 'dist', 'sdk');
const sdk = join(here, 'sdk');
const valibot: string = JSON.parse(readFileSync(join(root, 'packages/wire/package.json'), 'utf8')).dependencies.valibot;

/** Bundlers of pages follow every import, so no built-in module of Node may be left in one. */
const forBrowsers: Bun.BunPlugin = {
  name: 'browser host',
  setup(build) {
    build.onResolve({ filter: /\/host\.ts$/ }, () => ({ path: join(sdk, 'host.browser.ts') }));
  },
};

rmSync(outDir, { recursive: true, force: true });
mkdirSync(outDir, { recursive: true });
await bundle('node');
await bundle('browser');
declareTypes();
cpSync(join(root, 'LICENSE'), join(outDir, 'LICENSE'));
cpSync(join(root, 'docs', 'sdk.md'), join(outDir, 'README.md'));
writeFileSync(join(outDir, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
for (const target of ['node', 'browser']) console.log(`${target}: ${(sizeOf(target) / 1024).toFixed(0)} KiB`);

async function bundle(target: 'node' | 'browser'): Promise<void> {
  const built = await Bun.build({
    entrypoints: [join(sdk, 'index.ts'), join(sdk, 'e2b', 'index.ts')],
    root: sdk,
    outdir: join(outDir, target),
    target,
    format: 'esm',
    // What both entries share is one thing, so that an error of one is an error of the other; and what is loaded late stays apart.
    splitting: true,
    // A stack trace on Node names lines that can be read.
    minify: target === 'browser',
    naming: { entry: '[dir]/[name].js', chunk: 'chunk/[name]-[hash].js' },
    plugins: target === 'browser' ? [forBrowsers] : [],
  });
  if (built.success) return;
  for (const log of built.logs) console.error(log);
  process.exit(1);
}

function declareTypes(): void {
  const types = join(outDir, 'types');
  const argv = ['node_modules/.bin/tsc', '-p', 'packages/client/tsconfig.build.json', '--outDir', types];
  const tsc = Bun.spawnSync([process.execPath, ...argv], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (tsc.exitCode !== 0) process.exit(tsc.exitCode);
  for (const path of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.d.ts')) continue;
    const file = join(types, path);
    const text = readFileSync(file, 'utf8');
    // Our packages are folders here, and what is compiled is JavaScript.
    const linked = text.replaceAll(/(['"])(\.[^'"]*|@bhatti\/[^'"]+)\.ts\1/g, (_, quote: string, to: string) => {
      if (to.startsWith('.')) return `${quote}${to}.js${quote}`;
      const path = relative(dirname(file), join(types, `${to.slice('@bhatti/'.length)}.js`));
      return `${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
    });
    writeFileSync(file, linked);
  }
}

function manifest(): object {
  const entry = (path: string) => ({
    types: `./types/client/sdk/${path}.d.ts`,
    browser: `./browser/${path}.js`,
    default: `./node/${path}.js`,
  });
  return {
    name: '@bhatti/client',
    version: VERSION,
    description: 'Graphical Linux computers in sandboxes, for AI agents and people',
    license: 'Apache-2.0',
    type: 'module',
    sideEffects: false,
    engines: { node: '>=22.3' },
    exports: { '.': entry('index'), './e2b': entry('e2b/index'), './package.json': './package.json' },
    // For the types only: what runs is in the bundle.
    dependencies: { valibot },
  };
}

function sizeOf(target: string): number {
  return readdirSync(join(outDir, target), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.js'))
    .reduce((sum, path) => sum + Bun.file(join(outDir, target, path)).size, 0);
}
