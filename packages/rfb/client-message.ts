import type { ClipboardMessage } from './clipboard.ts';
import type { PixelFormat } from './pixel-format.ts';
import type { Rect } from './rect.ts';
import type { Screen } from './screen-layout.ts';

/** What a client says after the handshake (RFC 6143 §7.5 and the community's extensions), decoded. */
export type ClientMessage =
  | { readonly type: 'setPixelFormat'; readonly format: PixelFormat }
  | { readonly type: 'setEncodings'; readonly encodings: readonly number[] }
  | { readonly type: 'framebufferUpdateRequest'; readonly incremental: boolean; readonly rect: Rect }
  | { readonly type: 'keyEvent'; readonly down: boolean; readonly keysym: number }
  /** `keycode` is an XT scancode, the 0xE0 prefix as bit 7 (community, "QEMU Extended Key Event"). */
  | { readonly type: 'qemuExtendedKeyEvent'; readonly down: boolean; readonly keysym: number; readonly keycode: number }
  /** Bit 0 is button 1 (left), bits 3 to 6 the wheel, bits 7 and 8 back and forward where extended mouse buttons are on. */
  | { readonly type: 'pointerEvent'; readonly x: number; readonly y: number; readonly buttonMask: number }
  /** Latin-1 text with line feeds (RFC §7.5.6). */
  | { readonly type: 'clientCutText'; readonly text: string }
  | { readonly type: 'extendedClipboard'; readonly clipboard: ClipboardMessage }
  /** A cut text above the cap. Its bytes are skipped, and the connection goes on: the user only copied too much. */
  | { readonly type: 'oversizedCutText'; readonly bytes: number }
  | { readonly type: 'clientFence'; readonly flags: number; readonly payload: Uint8Array }
  | { readonly type: 'enableContinuousUpdates'; readonly enable: boolean; readonly rect: Rect }
  | {
      readonly type: 'setDesktopSize';
      readonly width: number;
      readonly height: number;
      readonly screens: readonly Screen[];
    };
