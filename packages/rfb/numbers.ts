// The numbers of the RFB protocol, each with where it is defined. "RFC" is RFC 6143 (RFB 3.8), "IANA" the registry at
// iana.org/assignments/rfb, "community" the document "The RFB Protocol" of the rfbproto project. Spelling follows those documents.

/** Security types (RFC §7.1.2). VncAuth, with its eight characters of password and nothing encrypted, is not spoken. */
export const SecurityType = {
  invalid: 0, // RFC §7.1.2: the connection failed, a reason follows
  none: 1, // RFC §7.2.1
  veNCrypt: 19, // community
} as const;

/** Sub-types of VeNCrypt (community) that ask for user and password inside of TLS. */
export const VeNCryptSubType = {
  tlsPlain: 259, // anonymous TLS
  x509Plain: 262, // TLS with a certificate of the server
} as const;
export type VeNCryptSubType = (typeof VeNCryptSubType)[keyof typeof VeNCryptSubType];

/** Messages from client to server (RFC §7.5; the rest IANA "client-to-server message types"). */
export const ClientMessageType = {
  setPixelFormat: 0, // RFC §7.5.1
  setEncodings: 2, // RFC §7.5.2
  framebufferUpdateRequest: 3, // RFC §7.5.3
  keyEvent: 4, // RFC §7.5.4
  pointerEvent: 5, // RFC §7.5.5; extended form: community, pseudo-encoding -316
  clientCutText: 6, // RFC §7.5.6; extended form: community, pseudo-encoding 0xC0A1E5CE
  enableContinuousUpdates: 150, // community
  clientFence: 248, // community
  setDesktopSize: 251, // community
  qemu: 255, // community, "QEMU Client Message"
} as const;

/** Sub-types of the QEMU client message (community). */
export const QemuMessageType = { extendedKeyEvent: 0 } as const;

/** Messages from server to client (RFC §7.6; the rest IANA "server-to-client message types"). */
export const ServerMessageType = {
  framebufferUpdate: 0, // RFC §7.6.1
  setColourMapEntries: 1, // RFC §7.6.2
  bell: 2, // RFC §7.6.3
  serverCutText: 3, // RFC §7.6.4; extended form: community
  endOfContinuousUpdates: 150, // community
  serverFence: 248, // community
} as const;

/** Encodings of pixels (RFC §7.7; the rest IANA "encoding types"). */
export const Encoding = {
  raw: 0, // RFC §7.7.1
  copyRect: 1, // RFC §7.7.2
  tight: 7, // community
  zrle: 16, // RFC §7.7.6
  h264: 50, // community, "Open H.264"
} as const;

/** Pseudo-encodings: what a client can do beside pixels, and rects that carry something else (RFC §7.8; the rest community). */
export const PseudoEncoding = {
  jpegQualityLevel0: -32, // community: -32..-23 are quality levels 0..9
  jpegQualityLevel9: -23,
  desktopSize: -223, // RFC §7.8.2
  lastRect: -224, // community
  pointerPosition: -232, // IANA, TightVNC
  cursor: -239, // RFC §7.8.1
  compressLevel0: -256, // community: -256..-247 are compression levels 0..9
  compressLevel9: -247,
  qemuExtendedKeyEvent: -258, // community
  qemuLedState: -261, // community
  desktopName: -307, // community
  extendedDesktopSize: -308, // community
  fence: -312, // community
  continuousUpdates: -313, // community
  cursorWithAlpha: -314, // community
  extendedMouseButtons: -316, // community
  jpegFineQuality0: -512, // community: -512..-412 are JPEG qualities 0..100
  jpegFineQuality100: -412,
  jpegSubsampling1x: -768, // community: -768..-763 are 4:4:4, 4:2:0, 4:2:2, grey, 8x, 16x
  jpegSubsampling16x: -763,
  vmwareCursor: 0x574d5664, // community, "VMware Cursor"
  vmwareCursorPosition: 0x574d5666, // community
  vmwareLedState: 0x574d5668, // community
  extendedClipboard: 0xc0a1e5ce - 0x1_0000_0000, // community; numbers of encodings are signed 32-bit on the wire
} as const;

/** Why a rect of ExtendedDesktopSize is sent, in its x (community). */
export const DesktopSizeReason = { server: 0, client: 1, otherClient: 2 } as const;
export type DesktopSizeReason = (typeof DesktopSizeReason)[keyof typeof DesktopSizeReason];

/** How a SetDesktopSize ended, in the y of the rect that answers it (community). */
export const DesktopSizeStatus = {
  noError: 0,
  prohibited: 1,
  outOfResources: 2,
  invalidLayout: 3,
  forwarded: 4,
} as const;
export type DesktopSizeStatus = (typeof DesktopSizeStatus)[keyof typeof DesktopSizeStatus];

/** Flags of a fence (community). */
export const FenceFlag = {
  blockBefore: 0x1,
  blockAfter: 0x2,
  syncNext: 0x4,
  request: 0x8000_0000,
} as const;

/** Bits of the keyboard's lights in the LED state rects (community). */
export const LedBit = { scrollLock: 1, numLock: 2, capsLock: 4 } as const;

/** Formats and actions of the extended clipboard (community). */
export const ClipboardFlag = {
  text: 1 << 0,
  rtf: 1 << 1,
  html: 1 << 2,
  dib: 1 << 3,
  files: 1 << 4,
  caps: 1 << 24,
  request: 1 << 25,
  peek: 1 << 26,
  notify: 1 << 27,
  provide: 1 << 28,
} as const;

/** Sub-types in the compression-control byte of a Tight rect, its upper four bits (community). */
export const TightControl = { explicitFilter: 0x40, fill: 0x80, jpeg: 0x90 } as const;

/** Flags of an Open H.264 rect (community). */
export const H264Flag = { resetContext: 1, resetAllContexts: 2 } as const;

/** Filters of Tight's basic compression (community). */
export const TightFilter = { copy: 0, palette: 1, gradient: 2 } as const;
