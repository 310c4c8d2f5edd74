// Builds a tier and tells its steps, until it is killed.
import { startOperation } from '@bhatti/base/operation.ts';
import type { RecipeSource } from '@bhatti/engine/image/recipe.ts';
import { openImageStore } from '@bhatti/engine/image/store.ts';

// SAFETY: the test that starts this program writes exactly this.
const task = JSON.parse(await Bun.stdin.text()) as { dataDir: string; tier: string; recipes: RecipeSource };
const images = openImageStore({ dataDir: task.dataDir }, () => task.recipes);
await images.build(startOperation({}), task.tier, (event) => {
  if ('step' in event) console.log(event.step);
});
