import { describe, test } from 'bun:test';
import { titled, whyNoSandboxes } from '../../support/capability.ts';
import { killAtRandom } from '../../support/random-kills.ts';

const why = whyNoSandboxes();
const seed = Number(process.env['BHATTI_SEED'] ?? Date.now() % 1_000_000);
const kills = Number(process.env['BHATTI_KILLS'] ?? 1_000);
const sandboxes = 4; // side by side, since most of the time is PID 1's second between two lohars

console.log(`random kills: BHATTI_SEED=${seed} BHATTI_KILLS=${kills}`);

describe.skipIf(why !== undefined)(titled('lohar killed at random moments, for long', why), () => {
  for (let at = 0; at < sandboxes; at += 1) {
    test.concurrent(
      `loses, doubles and blocks no unit (seed ${seed + at})`,
      () => killAtRandom({ seed: seed + at, kills: Math.ceil(kills / sandboxes) }),
      60_000 + kills * 10_000,
    );
  }
});
