import { describe, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { killAtRandom } from '../../support/random-kills.ts';

const why = whyNoSandboxes();
const seed = Number(process.env['BHATTI_SEED'] ?? 1);

// The same with other seeds, and longer: `npm run test:long`.
describe.skipIf(why !== undefined)(titled('lohar killed at random moments', why), () => {
  test(`loses, doubles and blocks no unit (seed ${seed})`, () => killAtRandom({ seed, kills: 16 }));
});
