declare const brand: unique symbol;

export type SandboxId = string & { readonly [brand]: 'SandboxId' };
export type ViewerSessionId = string & { readonly [brand]: 'ViewerSessionId' };
export type PublishRuleId = string & { readonly [brand]: 'PublishRuleId' };

/** Random bytes as lower-case hexadecimal; `bytes` of entropy, twice as many characters. */
export function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A sandbox id: 16 hexadecimal characters. */
export function newSandboxId(): SandboxId {
  // SAFETY: this function is the one place that makes ids of this brand.
  return randomHex(8) as SandboxId;
}
