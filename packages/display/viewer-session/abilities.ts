import { Encoding, PseudoEncoding } from '@bhatti/rfb/numbers.ts';

/** What a viewer can take, from its SetEncodings. */
export interface ViewerAbilities {
  /** The first encoding of its list that is spoken here. */
  readonly encoding: 'tight' | 'zrle' | 'raw';
  readonly copyRect: boolean;
  readonly h264: boolean;
  /** The quality level 0 to 9 that it asked for; undefined when it takes exact pixels only. */
  readonly qualityLevel: number | undefined;
  readonly desktopSize: boolean;
  readonly extendedDesktopSize: boolean;
  readonly cursor: 'vmware' | 'withAlpha' | 'plain' | undefined;
  readonly leds: 'qemu' | 'vmware' | undefined;
  readonly qemuKeys: boolean;
  readonly extendedMouseButtons: boolean;
  readonly extendedClipboard: boolean;
  readonly fence: boolean;
  readonly continuousUpdates: boolean;
}

export const noAbilities: ViewerAbilities = abilitiesOf([]);

const encodings = new Map<number, ViewerAbilities['encoding']>([
  [Encoding.tight, 'tight'],
  [Encoding.zrle, 'zrle'],
  [Encoding.raw, 'raw'],
]);

export function abilitiesOf(numbers: readonly number[]): ViewerAbilities {
  const named = new Set(numbers);
  const encoding = numbers.find((number) => encodings.has(number));
  return {
    // RFC 6143 §7.5.3: raw is always allowed.
    encoding: (encoding === undefined ? undefined : encodings.get(encoding)) ?? 'raw',
    copyRect: named.has(Encoding.copyRect),
    h264: named.has(Encoding.h264),
    qualityLevel: qualityLevelOf(numbers),
    desktopSize: named.has(PseudoEncoding.desktopSize),
    extendedDesktopSize: named.has(PseudoEncoding.extendedDesktopSize),
    cursor: named.has(PseudoEncoding.vmwareCursor)
      ? 'vmware'
      : named.has(PseudoEncoding.cursorWithAlpha)
        ? 'withAlpha'
        : named.has(PseudoEncoding.cursor)
          ? 'plain'
          : undefined,
    leds: named.has(PseudoEncoding.qemuLedState)
      ? 'qemu'
      : named.has(PseudoEncoding.vmwareLedState)
        ? 'vmware'
        : undefined,
    qemuKeys: named.has(PseudoEncoding.qemuExtendedKeyEvent),
    extendedMouseButtons: named.has(PseudoEncoding.extendedMouseButtons),
    extendedClipboard: named.has(PseudoEncoding.extendedClipboard),
    fence: named.has(PseudoEncoding.fence),
    continuousUpdates: named.has(PseudoEncoding.continuousUpdates),
  };
}

function qualityLevelOf(numbers: readonly number[]): number | undefined {
  const { jpegQualityLevel0, jpegQualityLevel9 } = PseudoEncoding;
  const level = numbers.find((number) => number >= jpegQualityLevel0 && number <= jpegQualityLevel9);
  return level === undefined ? undefined : level - jpegQualityLevel0;
}
