// What functions that run inside the browser see. Declared by hand, and imported where they are used, so that the types of a browser do not leak into programs of the host.

/** The web client offers `bhatti` to programs that drive a browser (packages/viewer/hooks.ts). */
export interface PageWindow {
  readonly isSecureContext: boolean;
  readonly bhatti?: {
    readonly phase: string;
    readonly connected: boolean;
    readonly connections: number;
    picture(): BrowserPixels | undefined;
  };
}

export interface PageDocument {
  readonly activeElement: unknown;
  readonly body: { readonly innerText: string };
  querySelector(selector: 'canvas'): PageCanvas | null;
}

export interface PageCanvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    drawImage(image: unknown, x: number, y: number): void;
    getImageData(x: number, y: number, width: number, height: number): BrowserPixels;
  } | null;
}

export interface PageNavigator {
  readonly clipboard: { readText(): Promise<string>; writeText(text: string): Promise<void> };
}

export interface BrowserPixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

export type CreateImageBitmap = (
  source: Blob,
  options: { colorSpaceConversion: 'none' },
) => Promise<{ readonly width: number; readonly height: number }>;

export type OffscreenCanvasClass = new (width: number, height: number) => PageCanvas;
