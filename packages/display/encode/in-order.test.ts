import { expect, test } from 'bun:test';

import { openLine } from './in-order.ts';

test('promises in line settle in the order in which they joined, failures too', async () => {
  const line = openLine();
  const settled: string[] = [];
  const work = [0, 1, 2, 3].map(() => Promise.withResolvers<string>());
  const endings = work.map(({ promise }, i) =>
    line.join(promise).then(
      (value) => settled.push(`${i} ${value}`),
      (error: unknown) => settled.push(`${i} failed: ${String(error)}`),
    ),
  );
  work[2]?.resolve('two');
  work[1]?.reject('no');
  work[3]?.resolve('three');
  work[0]?.resolve('zero');
  await Promise.all(endings);
  expect(settled).toEqual(['0 zero', '1 failed: no', '2 two', '3 three']);
});
