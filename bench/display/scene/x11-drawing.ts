// The requests and events that the painter uses beyond what the display server does, for the types of the npm package `x11`.
declare module 'x11' {
  interface XEvent {
    readonly keycode?: number;
    readonly rootx?: number;
    readonly rooty?: number;
  }

  interface XClient {
    SetInputFocus(window: number, revertTo: number): void;
    ChangeGC(gc: number, values: Readonly<Record<string, number>>): void;
    CreatePixmap(pixmap: number, drawable: number, depth: number, width: number, height: number): void;
    ConfigureWindow(window: number, values: Readonly<Record<string, number>>): void;
    PolyFillRectangle(drawable: number, gc: number, coordinates: readonly number[]): void;
    OpenFont(font: number, name: string): void;
    ImageText8(drawable: number, gc: number, x: number, y: number, text: string): void;
  }

  interface Shm {
    GetImage(
      drawable: number,
      x: number,
      y: number,
      width: number,
      height: number,
      planeMask: number,
      format: number,
      segment: number,
      offset: number,
      reply: (error: XError | null | undefined, value: { readonly depth: number; readonly size: number }) => boolean,
    ): void;
    PutImage(
      drawable: number,
      gc: number,
      image: {
        readonly totalWidth: number;
        readonly totalHeight: number;
        readonly srcX: number;
        readonly srcY: number;
        readonly srcWidth: number;
        readonly srcHeight: number;
        readonly dstX: number;
        readonly dstY: number;
        readonly depth: number;
        readonly format: number;
        readonly sendEvent: boolean;
        readonly shmseg: number;
        readonly offset: number;
      },
    ): void;
  }
}

export const zPixmap = 2;
export const eventMasks = { keyPress: 1, buttonPress: 4, buttonRelease: 8, pointerMotion: 0x40 } as const;
