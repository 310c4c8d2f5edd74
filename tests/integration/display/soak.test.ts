import { describe, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { whyNoDisplay } from '../../support/display-server.ts';
import { expectFlat, soak } from '../../support/soak.ts';

const why = whyNoDisplay();
const seed = Number(process.env['BHATTI_SEED'] ?? Date.now() % 1_000_000);

console.log(`soak: BHATTI_SEED=${seed}`);

describe.skipIf(why !== undefined)(titled('a desktop in use', why), () => {
  test(`shows every viewer the right pixels, and holds what it held (seed ${seed})`, async () => {
    expectFlat(await soak({ seed, minutes: 0.9, measureEveryMinutes: 0.35 }), { slackMib: 12 });
  }, 110_000);
});
