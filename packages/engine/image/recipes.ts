import type { RecipeSource } from './recipe.ts';
import { readRecipes } from './recipes.macro.ts' with { type: 'macro' };

/** The recipes that this program was made with. */
export function embeddedRecipes(): RecipeSource {
  // SAFETY: the text comes from the macro, which makes exactly this.
  return JSON.parse(readRecipes()) as RecipeSource;
}
