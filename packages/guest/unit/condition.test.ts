import { describe, expect, test } from 'bun:test';
import { availableParallelism, hostname, release } from 'node:os';
import { compareVersions, matchesPattern } from './condition-compare.ts';
import { unmetCondition } from './condition.ts';

const isMet = (name: string, parameter: string, negate = false) =>
  unmetCondition([{ name: `Condition${name}`, isAssert: false, parameter, negate, trigger: false }]) === undefined;

describe('a condition', () => {
  test('looks at the file system', () => {
    expect([isMet('PathExists', '/etc'), isMet('PathExists', '/etc', true), isMet('PathExists', '/no')]).toEqual([
      true,
      false,
      false,
    ]);
    expect([isMet('PathIsDirectory', '/etc'), isMet('FileNotEmpty', '/etc/passwd')]).toEqual([true, true]);
    expect([isMet('PathIsMountPoint', '/proc'), isMet('DirectoryNotEmpty', '/etc/passwd')]).toEqual([true, false]);
  });

  test('compares versions, amounts and names', () => {
    expect([
      isMet('KernelVersion', '>=2.6'),
      isMet('KernelVersion', '>2.6 <3'),
      isMet('KernelVersion', release()),
    ]).toEqual([true, false, true]);
    expect([isMet('CPUs', String(availableParallelism())), isMet('CPUs', '>100000')]).toEqual([true, false]);
    expect([isMet('Memory', '>1M'), isMet('Memory', 'much')]).toEqual([true, false]);
    expect([isMet('Host', hostname()), isMet('Host', `${hostname().slice(0, 1)}*`)]).toEqual([true, true]);
    expect([isMet('ControlGroupController', 'cpu memory'), isMet('ControlGroupController', 'nothing')]).toEqual([
      true,
      false,
    ]);
  });

  test('that makes no sense has failed', () => {
    expect([isMet('CPUs', 'x'), isMet('CPUs', 'x', true)]).toEqual([false, false]);
  });

  test('with a bar is one of several of which one is enough', () => {
    const either = (...paths: string[]) =>
      unmetCondition(
        paths.map((parameter) => ({
          name: 'ConditionPathExists',
          isAssert: false,
          parameter,
          negate: false,
          trigger: true,
        })),
      );
    expect(either('/no', '/etc')).toBeUndefined();
    expect(either('/no', '/nothing')).toMatchObject({ parameter: '/no' });
  });
});

test('versions are in the order in which people count them', () => {
  const order = ['1~rc', '1', '1.1', '1.2', '1.10', '2', '2a'];
  for (const [at, version] of order.entries())
    for (const [other, wanted] of order.entries())
      expect([version, wanted, compareVersions(version, '<', wanted)]).toEqual([version, wanted, at < other]);
});

test('patterns are a shell’s', () => {
  expect([matchesPattern('abc', 'a*'), matchesPattern('abc', 'a?c'), matchesPattern('abc', '[!b]bc')]).toEqual([
    true,
    true,
    true,
  ]);
  expect([matchesPattern('abc', 'b*'), matchesPattern('a.c', 'a.c'), matchesPattern('abc', 'a.c')]).toEqual([
    false,
    true,
    false,
  ]);
});
