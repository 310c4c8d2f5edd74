// Builds the images that tests and benchmarks stand on, where they are missing or their recipe has changed: `bun scripts/images.ts [TIER…]`.
import { startOperation } from '@bhatti/base/operation.ts';
import { openImageStore } from '@bhatti/engine/image/store.ts';

const store = openImageStore({ dataDir: process.env['BHATTI_DATA_DIR'] ?? '/var/lib/bhatti' });
const wanted = process.argv.slice(2);

for (const tier of wanted.length > 0 ? wanted : store.tiers()) {
  using op = startOperation({ timeoutMs: 20 * 60_000 });
  let said = -1;
  const image = await store.build(op, tier, (event) => {
    if (!('step' in event)) return;
    const tenth = Math.floor(event.fraction * 10);
    if (tenth === said) return;
    said = tenth;
    console.log(
      `image ${tier}: ${event.step} (${Math.round(event.fraction * 100)} %, ${Math.round(event.elapsedMs / 1000)} s)`,
    );
  });
  console.log(`image ${tier}: ${image.digest.slice(0, 19)}, ${image.sizeMb} MB`);
}
