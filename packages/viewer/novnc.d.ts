// The part of noVNC's interface that the page uses, after its docs/API.md.
declare module '@novnc/novnc' {
  export interface RfbOptions {
    readonly shared?: boolean;
    readonly wsProtocols?: readonly string[];
  }

  export interface RfbEventMap {
    connect: Event;
    disconnect: CustomEvent<{ readonly clean: boolean }>;
    desktopname: CustomEvent<{ readonly name: string }>;
    clipboard: CustomEvent<{ readonly text: string }>;
    securityfailure: CustomEvent<{ readonly status: number; readonly reason?: string }>;
    credentialsrequired: CustomEvent<{ readonly types: readonly string[] }>;
  }

  export default class RFB extends EventTarget {
    constructor(target: HTMLElement, urlOrChannel: string | WebSocket, options?: RfbOptions);
    background: string;
    viewOnly: boolean;
    scaleViewport: boolean;
    clipViewport: boolean;
    resizeSession: boolean;
    addEventListener<K extends keyof RfbEventMap>(type: K, listener: (event: RfbEventMap[K]) => void): void;
    disconnect(): void;
    focus(options?: FocusOptions): void;
    blur(): void;
    sendKey(keysym: number, code: string | null, down?: boolean): void;
    sendCtrlAltDel(): void;
    clipboardPasteFrom(text: string): void;
    getImageData(): ImageData;
  }
}
