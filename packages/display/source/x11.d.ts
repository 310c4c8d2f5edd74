// What is used of the npm package `x11`, which brings no types of its own.
declare module 'x11' {
  export interface XError extends Error {
    readonly error: number;
    readonly badParam: number;
    readonly majorOpcode: number;
    readonly minorOpcode: number;
  }

  type Reply<T> = (error: XError | null | undefined, reply: T) => boolean | void;

  export interface XEvent {
    readonly name: string;
    readonly type: number;
    /** The window it is about; of ConfigureNotify, the window that selected it. */
    readonly wid?: number;
    /** Of ConfigureNotify, the window it is about. */
    readonly wid1?: number;
    /** Of ConfigureNotify, where the window is in its parent. */
    readonly x?: number;
    readonly y?: number;
    readonly atom?: number;
    readonly width?: number;
    readonly height?: number;
    readonly damage?: number;
    readonly drawable?: number;
    /** Of XFIXES' SelectionNotify: the selection's name. */
    readonly selection?: number;
    /** Of the core protocol's SelectionNotify: who asked, and where the answer is; 0 where there is none. */
    readonly requestor?: number;
    readonly property?: number;
    /** Of PropertyNotify. */
    readonly state?: number;
    /** Of ClientMessage. */
    readonly message_type?: number;
    readonly data?: readonly number[];
    /** Of MappingNotify. */
    readonly request?: number;
    readonly firstKeyCode?: number;
    readonly count?: number;
  }

  export interface XClient {
    on(event: 'event', listener: (event: XEvent) => void): void;
    on(event: 'error', listener: (error: XError) => void): void;
    on(event: 'end', listener: () => void): void;
    readonly stream: { destroy(): void; on(event: 'close', listener: () => void): void };
    AllocID(): number;
    ReleaseID(id: number): void;
    InternAtom(onlyIfExists: boolean, name: string, reply: Reply<number>): void;
    GetProperty(
      deleteAfter: 0 | 1,
      window: number,
      atom: number,
      type: number,
      offset: number,
      length: number,
      reply: Reply<{ readonly type: number; readonly bytesAfter: number; readonly data: Buffer }>,
    ): void;
    GetGeometry(
      drawable: number,
      reply: Reply<{ readonly xPos: number; readonly yPos: number; readonly width: number; readonly height: number }>,
    ): void;
    TranslateCoordinates(
      source: number,
      destination: number,
      x: number,
      y: number,
      reply: Reply<{ readonly destX: number; readonly destY: number; readonly child: number }>,
    ): void;
    GetWindowAttributes(window: number, reply: Reply<{ readonly mapState: number; readonly klass: number }>): void;
    ChangeWindowAttributes(window: number, values: { readonly eventMask: number }, done?: Reply<void>): void;
    QueryTree(
      window: number,
      reply: Reply<{ readonly root: number; readonly parent: number; readonly children: readonly number[] }>,
    ): void;
    GetKeyboardMapping(firstKeycode: number, count: number, reply: Reply<readonly (readonly number[])[]>): void;
    ChangeKeyboardMapping(firstKeycode: number, keysymsPerKeycode: number, keysyms: readonly number[]): void;
    ConvertSelection(window: number, selection: number, target: number, property: number, time: number): void;
    GetInputFocus(reply: Reply<{ readonly focus: number }>): void;
    QueryPointer(
      window: number,
      reply: Reply<{
        readonly child: number;
        readonly rootX: number;
        readonly rootY: number;
        readonly keyMask: number;
      }>,
    ): void;
    /** A bit for each keycode that is down. */
    QueryKeymap(reply: Reply<Buffer>): void;
    ConfigureWindow(window: number, values: Readonly<Record<string, number>>): void;
    SetInputFocus(window: number, revertTo: number): void;
    SendClientMessage(
      destination: number,
      window: number,
      messageType: number,
      format: 32,
      data: readonly number[],
      eventMask?: number,
    ): void;
    CreateGC(gc: number, drawable: number, values: Readonly<Record<string, number>>): void;
    PutImage(
      format: number,
      drawable: number,
      gc: number,
      width: number,
      height: number,
      left: number,
      top: number,
      leftPad: number,
      depth: number,
      data: Buffer,
    ): void;
    CopyArea(
      source: number,
      destination: number,
      gc: number,
      sourceX: number,
      sourceY: number,
      x: number,
      y: number,
      width: number,
      height: number,
    ): void;
    CreateWindow(
      window: number,
      parent: number,
      x: number,
      y: number,
      width: number,
      height: number,
      borderWidth: number,
      depth: number,
      windowClass: number,
      visual: number,
      values: Readonly<Record<string, number>>,
    ): void;
    CopyArea(
      from: number,
      to: number,
      gc: number,
      fromX: number,
      fromY: number,
      toX: number,
      toY: number,
      width: number,
      height: number,
    ): void;
    FreePixmap(pixmap: number): void;
    FreeGC(gc: number): void;
    MapWindow(window: number): void;
    ChangeProperty(mode: number, window: number, property: number, type: number, format: number, data: Buffer): void;
    require(name: 'damage', loaded: Reply<Damage>): void;
    require(name: 'fixes', loaded: Reply<Fixes>): void;
    require(name: 'shm', loaded: Reply<Shm>): void;
    require(name: 'xtest', loaded: Reply<XTest>): void;
    require(name: 'res', loaded: Reply<XResources>): void;
  }

  export interface Damage {
    readonly ReportLevel: { readonly NonEmpty: number };
    Create(damage: number, drawable: number, level: number): void;
    Destroy(damage: number): void;
    Subtract(damage: number, repair: number, parts: number): void;
  }

  export interface XRectangle {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }

  export interface XCursorImage {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly xhot: number;
    readonly yhot: number;
    readonly cursorSerial: number;
    /** 4 bytes a pixel: B, G, R, A, alpha multiplied into the colours. */
    readonly cursorImage: Buffer;
  }

  export interface Fixes {
    readonly CursorNotifyMask: { readonly DisplayCursor: number };
    CreateRegion(region: number, rects: readonly XRectangle[]): void;
    SetRegion(region: number, rects: readonly XRectangle[]): void;
    UnionRegion(one: number, other: number, target: number): void;
    DestroyRegion(region: number): void;
    SetGCClipRegion(gc: number, region: number, x: number, y: number): void;
    FetchRegion(region: number, reply: Reply<{ readonly rectangles: readonly XRectangle[] }>): void;
    SelectSelectionInput(window: number, selection: number, mask: number): void;
    SelectCursorInput(window: number, mask: number): void;
    GetCursorImage(reply: Reply<XCursorImage>): void;
  }

  export interface Shm {
    Attach(segment: number, id: number, readOnly: boolean, done: Reply<void>): void;
    Detach(segment: number): void;
    CreatePixmap(
      pixmap: number,
      drawable: number,
      width: number,
      height: number,
      depth: number,
      segment: number,
      offset: number,
    ): void;
  }

  export interface XTest {
    readonly KeyPress: number;
    readonly KeyRelease: number;
    readonly ButtonPress: number;
    readonly ButtonRelease: number;
    readonly MotionNotify: number;
    FakeInput(type: number, detail: number, time: number, window: number, x: number, y: number): void;
  }

  export interface XResources {
    QueryClients(reply: Reply<readonly { readonly resourceBase: number }[]>): void;
    QueryClientResources(
      anyOfClient: number,
      reply: Reply<readonly { readonly resourceType: number; readonly count: number }[]>,
    ): void;
  }

  export interface XScreen {
    readonly root: number;
    readonly pixel_width: number;
    readonly pixel_height: number;
    readonly root_depth: number;
    readonly root_visual: number;
    readonly black_pixel: number;
    readonly depths: Readonly<
      Record<
        number,
        Readonly<Record<number, { readonly red_mask: number; readonly green_mask: number; readonly blue_mask: number }>>
      >
    >;
  }

  export interface XDisplay {
    readonly client: XClient;
    readonly min_keycode: number;
    readonly max_keycode: number;
    readonly screen: readonly XScreen[];
    readonly format: Readonly<Record<number, { readonly bits_per_pixel: number; readonly scanline_pad: number }>>;
  }

  const x11: {
    createClient(
      options: {
        readonly display: string;
        readonly shm: 'off';
        readonly auth: { readonly name: string; readonly data: string };
      },
      ready: (error: Error | undefined, display: XDisplay) => void,
    ): XClient;
    /** By name, `XK_Return`. Loaded when it is first asked for. */
    readonly keySyms: Readonly<Record<string, { readonly code: number }>>;
    readonly eventMask: {
      readonly PropertyChange: number;
      readonly StructureNotify: number;
      readonly SubstructureNotify: number;
    };
  };
  export default x11;
}
