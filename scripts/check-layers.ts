// Holds every import of the packages against layers.ts. It fails when it saw no files, so that a moved folder cannot pass unseen.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

import { parseSync } from 'oxc-parser';

import { LAYERS, type Layer } from '../layers.ts';

const packagesDir = resolve(import.meta.dir, '..', 'packages');

/** What is wrong with the imports of the packages, one line each. */
export function findLayerViolations(): { readonly files: number; readonly violations: readonly string[] } {
  const violations: string[] = [];
  let files = 0;
  for (const name of readdirSync(packagesDir)) {
    const layer = LAYERS[name];
    if (layer === undefined) {
      violations.push(`packages/${name}: no row in layers.ts`);
      continue;
    }
    for (const file of sourceFiles(join(packagesDir, name))) {
      files++;
      violations.push(...violationsOf(file, name, layer));
    }
  }
  return { files, violations };
}

function sourceFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.includes('node_modules'))
    .map((path) => join(dir, path));
}

// Tests, benches and build scripts run on the developer's machine, not in the process that the layer describes.
const isTooling = (file: string) => /\.(test|bench)\.ts$|(^|\/)build\.ts$/.test(file);

function violationsOf(file: string, packageName: string, layer: Layer): string[] {
  const source = readFileSync(file, 'utf8');
  const where = relative(resolve(packagesDir, '..'), file);
  const found = importsOf(file, source)
    .map((specifier) => [specifier, complaint(specifier, file, packageName, layer)] as const)
    .filter(([, what]) => what !== undefined)
    .map(([specifier, what]) => `${where}: imports "${specifier}": ${what}`);
  if (packageName !== 'sys' && !isTooling(file) && /\bBun\.\w/.test(stripComments(source)))
    found.push(`${where}: uses Bun's own API outside packages/sys`);
  return found;
}

function complaint(specifier: string, file: string, packageName: string, layer: Layer): string | undefined {
  if (specifier.startsWith('.')) {
    const target = relative(packagesDir, resolve(dirname(file), specifier));
    // What the build makes (dist/) is embedded by path; it is no package.
    return target.startsWith(`${packageName}/`) || target.startsWith('../dist/')
      ? undefined
      : 'reaches into another package by path';
  }
  const [first = '', second = ''] = specifier.split('/');
  if (first === '@bhatti') {
    return second === packageName || layer.imports.includes(second)
      ? undefined
      : `${packageName} may not import ${second}`;
  }
  if (isTooling(file)) return undefined;
  if (specifier.startsWith('node:') || specifier === 'bun' || specifier.startsWith('bun:')) {
    return layer.builtins.some((prefix) => specifier.startsWith(prefix))
      ? undefined
      : `${packageName} may not use this built-in`;
  }
  const npmName = first.startsWith('@') ? `${first}/${second}` : first;
  return Object.hasOwn(layer.npm, npmName)
    ? undefined
    : `${npmName} is not a dependency of ${packageName} in layers.ts`;
}

function importsOf(file: string, source: string): string[] {
  const { module } = parseSync(file, source);
  const fixed = module.staticImports.map((entry) => entry.moduleRequest.value);
  const reExported = module.staticExports.flatMap((entry) =>
    entry.entries.flatMap((item) => item.moduleRequest?.value ?? []),
  );
  const dynamic = module.dynamicImports
    .map((entry) => source.slice(entry.moduleRequest.start, entry.moduleRequest.end))
    .filter((text) => /^['"`][^$]*['"`]$/.test(text))
    .map((text) => text.slice(1, -1));
  return [...fixed, ...reExported, ...dynamic];
}

function stripComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}

if (import.meta.main) {
  const { files, violations } = findLayerViolations();
  for (const line of violations) console.error(line);
  console.log(`${files} files, ${violations.length} violations`);
  process.exitCode = files > 0 && violations.length === 0 ? 0 : 1;
}
