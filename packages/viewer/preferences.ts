/** What a person chose, kept by the browser for this desktop's address. A browser that keeps nothing (private windows, blocked storage) starts anew each time. */
export function loadPreference(name: string): string | undefined {
  try {
    return localStorage.getItem(`bhatti.${name}`) ?? undefined;
  } catch {
    return undefined; // expected: storage is blocked
  }
}

export function savePreference(name: string, value: string): void {
  try {
    localStorage.setItem(`bhatti.${name}`, value);
  } catch {
    // expected: storage is blocked or full; the choice holds until the page is left
  }
}
