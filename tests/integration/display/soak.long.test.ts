import { describe, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { whyNoDisplay } from '../../support/display-server.ts';
import type { SoakSample } from '../../support/soak-sample.ts';
import { expectFlat, soak } from '../../support/soak.ts';

const why = whyNoDisplay();
const seed = Number(process.env['BHATTI_SEED'] ?? Date.now() % 1_000_000);
const minutes = Number(process.env['BHATTI_SOAK_MINUTES'] ?? 60);

console.log(`soak: BHATTI_SEED=${seed} BHATTI_SOAK_MINUTES=${minutes}`);

describe.skipIf(why !== undefined)(titled('a desktop in use, for long', why), () => {
  test(
    `shows every viewer the right pixels, and holds what it held (seed ${seed})`,
    async () => {
      const samples = await soak({ seed, minutes, measureEveryMinutes: 2, onSample: print });
      expectFlat(samples, { slackMib: 4 });
    },
    (minutes + 2) * 60_000,
  );
});

// As they come, so that a run that ends early has told what it saw.
function print({ atSeconds, streamingKib, supervisorKib, xServerKib, held }: SoakSample): void {
  console.log(`${atSeconds} s: ${streamingKib} + ${supervisorKib} KiB, X ${xServerKib} KiB, ${JSON.stringify(held)}`);
}
