import { hasCode } from '@bhatti/base/errors.ts';
import { describe, expect, test } from 'bun:test';
import { installedPackages } from './build.ts';
import { readRecipe, tierNames, type RecipeSource } from './recipe.ts';
import { embeddedRecipes } from './recipes.ts';

const file = (path: string, text: string) =>
  ({ path, kind: 'file', isExecutable: false, base64: Buffer.from(text).toString('base64') }) as const;

const source: RecipeSource = [
  file(
    'base/tier.json',
    JSON.stringify({ name: 'base', desktop: false, defaultDiskMb: 1, packages: ['curl', 'sudo'] }),
  ),
  file('base/customize.sh', 'echo base'),
  file('base/files/etc/both', 'base'),
  file('base/files/etc/one', 'base'),
  file(
    'top/tier.json',
    JSON.stringify({ name: 'top', extends: 'base', desktop: true, defaultDiskMb: 2, packages: ['curl', 'xfce4'] }),
  ),
  file('top/customize.sh', 'echo top'),
  file('top/files/etc/both', 'top'),
];

describe('recipes', () => {
  test('a tier has what it extends, its own on top and last', () => {
    const recipe = readRecipe(source, 'top');
    expect(recipe.packages).toEqual(['curl', 'sudo', 'xfce4']);
    expect(recipe.scripts).toEqual(['echo base', 'echo top']);
    expect(recipe.files.map(({ path }) => path)).toEqual(['etc/both', 'etc/one']);
    expect(recipe.files[0]).toMatchObject({ base64: Buffer.from('top').toString('base64') });
    expect(recipe.tier).toMatchObject({ name: 'top', desktop: true });
  });

  test('the digest changes with anything in it, and with nothing else', () => {
    const digest = (changed: RecipeSource, tier = 'top') => readRecipe(changed, tier).digest;
    expect(digest([...source].toReversed())).toBe(digest(source));
    expect(digest([...source, file('other/files/x', '')])).toBe(digest(source));
    expect(digest([...source, file('base/files/etc/two', '')])).not.toBe(digest(source));
    expect(
      digest(source.map((one) => (one.path === 'top/customize.sh' ? file(one.path, 'echo other') : one))),
    ).not.toBe(digest(source));
    expect(digest(source, 'base')).not.toBe(digest(source));
  });

  test('an unknown tier is refused, whatever its name', () => {
    for (const name of ['nosuch', '', '..', 'base/files']) {
      let error: unknown;
      try {
        readRecipe(source, name);
      } catch (caught) {
        error = caught;
      }
      expect(hasCode(error, 'IMAGE_NOT_FOUND'), name).toBe(true);
    }
  });

  test('those that the program carries can all be read', () => {
    const embedded = embeddedRecipes();
    expect(tierNames(embedded)).toEqual(expect.arrayContaining(['computer', 'minimal']));
    for (const tier of tierNames(embedded)) {
      const recipe = readRecipe(embedded, tier);
      expect(recipe.tier.name).toBe(tier);
      expect(recipe.packages).toContain('sudo');
      expect(recipe.tier.defaultDiskMb).toBeGreaterThan(0);
      for (const script of recipe.scripts) expect(script).toStartWith('#!/bin/sh');
      expect(recipe.files.find(({ path }) => path === 'usr/lib/bhatti/init')).toMatchObject({ isExecutable: true });
    }
  });
});

test('installed packages are read from dpkg’s own record', () => {
  const status = `Package: curl
Status: install ok installed
Architecture: amd64
Version: 7.88.1-10

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1

Package: adduser
Status: install ok installed
Architecture: all
Version: 3.134
`;
  expect(installedPackages(status)).toEqual(['adduser:all=3.134', 'curl:amd64=7.88.1-10']);
});
