/** An element that the page's HTML is known to have. */
export function element<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} "${id}"`);
}

/** Every element of the page that carries a data attribute, with its value. */
export function elementsWith<E extends HTMLElement>(attribute: string, type: new () => E): (readonly [E, string])[] {
  return Array.from(document.querySelectorAll(`[data-${attribute}]`)).flatMap((found) =>
    found instanceof type ? [[found, found.dataset[attribute] ?? ''] as const] : [],
  );
}

/** Untouched text is not read out again. */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
