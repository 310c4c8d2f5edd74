import type { ClipboardMessage } from './clipboard.ts';
import type { CursorShape } from './cursor.ts';
import type { Rect } from './rect.ts';
import type { Screen } from './screen-layout.ts';

/** What a server says after the handshake, as a client reads it. A FramebufferUpdate arrives as its beginning, each of its rects, and its end. */
export type ServerMessage =
  | { readonly type: 'updateBegin' }
  | UpdateRect
  | { readonly type: 'updateEnd' }
  | { readonly type: 'setColourMapEntries' }
  | { readonly type: 'bell' }
  | { readonly type: 'serverCutText'; readonly text: string }
  | { readonly type: 'extendedClipboard'; readonly clipboard: ClipboardMessage }
  | { readonly type: 'oversizedCutText'; readonly bytes: number }
  | { readonly type: 'endOfContinuousUpdates' }
  | { readonly type: 'serverFence'; readonly flags: number; readonly payload: Uint8Array };

/** One rect of an update: pixels, or what a pseudo-encoding carries. */
export type UpdateRect =
  /** Pixels, still encoded; `body` is what follows the rect's header, a view valid until the bytes it was read from change. */
  | { readonly type: 'pixels'; readonly rect: Rect; readonly encoding: number; readonly body: Uint8Array }
  | { readonly type: 'cursor'; readonly cursor: CursorShape }
  | { readonly type: 'pointerPosition'; readonly x: number; readonly y: number }
  | { readonly type: 'desktopSize'; readonly width: number; readonly height: number }
  | {
      readonly type: 'extendedDesktopSize';
      readonly width: number;
      readonly height: number;
      /** A DesktopSizeReason; other numbers of a newer server are passed on. */
      readonly reason: number;
      /** A DesktopSizeStatus. */
      readonly status: number;
      readonly screens: readonly Screen[];
    }
  | { readonly type: 'desktopName'; readonly name: string }
  /** Bits of LedBit. */
  | { readonly type: 'ledState'; readonly leds: number }
  /** The server understands a client message that it had to be asked about. */
  | { readonly type: 'qemuExtendedKeyEvent' }
  | { readonly type: 'extendedMouseButtons' };
