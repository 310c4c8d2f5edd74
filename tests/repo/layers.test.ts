import { expect, test } from 'bun:test';

import { findLayerViolations } from '../../scripts/check-layers.ts';

test('every import of the packages is one that layers.ts allows', () => {
  const { files, violations } = findLayerViolations();
  expect(violations).toEqual([]);
  expect(files).toBeGreaterThan(100);
});
