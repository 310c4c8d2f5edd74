// What base, wire and rfb may assume of any JavaScript host beside the language itself: the WinterTC minimum that Bun,
// Node and browsers share. Kept by hand so that neither DOM nor node: types leak into code that runs anywhere.
declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean });
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
declare class AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
  throwIfAborted(): void;
}
declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare interface TimerHandle {
  readonly isTimer: true;
}
declare function setTimeout(callback: () => void, delayMs: number): TimerHandle;
declare function clearTimeout(timer: TimerHandle | undefined): void;
declare const performance: { now(): number };
declare const crypto: { getRandomValues<T extends Uint8Array>(into: T): T };
declare const console: { error(...parts: unknown[]): void };
declare function atob(text: string): string;
declare function btoa(text: string): string;
