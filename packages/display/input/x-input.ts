import type { XConnection } from '../source/x-connection.ts';
import type { XRfbConnection } from '../x-rfb/x-rfb-connection.ts';
import type { InputSink } from './held-input.ts';

const rfbButtons = 0x7f; // the X server's RFB knows 7 buttons: three, and two wheels
const extendedButtons = [
  { bit: 1 << 7, button: 8 }, // back
  { bit: 1 << 8, button: 9 }, // forward
];
const currentTime = 0;

/** Input through the X server's own RFB, and by XTEST for the buttons that it has no bits for. */
export function openXInput(x: XConnection, xRfb: XRfbConnection): InputSink {
  let heldExtended = 0;
  return {
    key({ keysym, keycode }, down) {
      if (keycode === 0) xRfb.send({ type: 'keyEvent', down, keysym });
      else xRfb.send({ type: 'qemuExtendedKeyEvent', down, keysym, keycode });
    },
    pointer({ x: left, y: top, buttonMask }) {
      xRfb.send({ type: 'pointerEvent', x: left, y: top, buttonMask: buttonMask & rfbButtons });
      const { xtest, screen } = x;
      for (const { bit, button } of extendedButtons) {
        const isDown = (buttonMask & bit) !== 0;
        if (isDown === ((heldExtended & bit) !== 0)) continue;
        heldExtended ^= bit;
        // The two connections are served in any order, so the pointer is put where the button belongs.
        xtest.FakeInput(xtest.MotionNotify, 0, currentTime, screen.root, left, top);
        xtest.FakeInput(isDown ? xtest.ButtonPress : xtest.ButtonRelease, button, currentTime, 0, 0, 0);
      }
    },
  };
}
