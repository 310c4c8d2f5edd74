import type { Settings } from '../config/settings.ts';
import type { XRfbConnection } from '../x-rfb/x-rfb-connection.ts';
import type { ClipboardParty } from './clipboard.ts';

/** The desktop's own clipboard as a party: X selections, which the X server's RFB takes and gives. */
export function xClipboardParty(xRfb: XRfbConnection, settings: Settings): ClipboardParty {
  return {
    isExtended: true,
    maxTakenBytes: settings.maxSentClipboardBytes,
    maxGivenBytes: settings.maxAcceptedClipboardBytes,
    sendMessage: (clipboard) => xRfb.send({ type: 'extendedClipboard', clipboard }),
    sendText: (text) => xRfb.send({ type: 'clientCutText', text }),
  };
}
