import { CodedError } from '@bhatti/base/errors.ts';
import { availableParallelism } from 'node:os';
import { type Environment, optionsFromEnvironment } from './environment.ts';
import { parseCommandLine, type CommandLine } from './flags.ts';
import { type GivenOptions, isTooLarge, maxPixels, optionId, wrongValue } from './given.ts';
import { OPTIONS } from './option-table.ts';
import { optionsFromYaml } from './yaml-file.ts';

/** Everything that was configured, from flags, environment and kasmvnc.yaml, complete and valid. */
export interface Settings {
  readonly display: number;
  readonly width: number;
  readonly height: number;
  readonly depth: 16 | 24;
  readonly desktopName: string;
  readonly mayResize: boolean;
  readonly port: number;
  readonly interface: string;
  /** The port for VNC programs; undefined where it is off. */
  readonly vnc: VncSettings | undefined;
  readonly sharing: 'always' | 'never' | 'asked';
  /** Whether a viewer that wants the desktop alone replaces the others, or is refused. */
  readonly exclusiveReplaces: boolean;
  readonly needsPassword: boolean;
  readonly blacklistThreshold: number;
  readonly blacklistTimeoutMs: number;
  /** 0 is never. */
  readonly viewerIdleTimeoutMs: number;
  /** How long a person who has taken the input over may do nothing; 0 is for ever. */
  readonly inputQuietMs: number;
  readonly acceptKeys: boolean;
  readonly acceptPointer: boolean;
  readonly acceptClipboard: boolean;
  readonly sendClipboard: boolean;
  readonly maxAcceptedClipboardBytes: number;
  readonly maxSentClipboardBytes: number;
  readonly frameRate: number;
  readonly threads: number;
  /** Levels 0 to 9. */
  readonly minQuality: number;
  readonly maxQuality: number;
  readonly headers: readonly (readonly [string, string])[];
  /** Flags for the X server. */
  readonly xFlags: readonly string[];
  /** Options that were given and have no effect, for the journal. */
  readonly ignored: readonly string[];
}

export interface VncSettings {
  readonly host: string;
  readonly port: number;
  /** PEM files of the certificate and its key; undefined where one is to be made. */
  readonly identityFiles: { readonly certificate: string; readonly key: string } | undefined;
}

export interface SettingsSource {
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly yamlPath: string;
}

const defaultDisplay = 99;
const firstVncPort = 5900; // as every VNC program counts: display :1 is port 5901
const maxClipboardBytes = 1024 * 1024; // a long document; every viewer and the X server keep a copy

/** Reads all places where settings come from. Flags win over environment, environment over the file, the file over what is built in. */
export async function readSettings(source: SettingsSource): Promise<Settings> {
  const environment = optionsFromEnvironment(source.environment);
  const line = parseCommandLine(source.args);
  const file = await optionsFromYaml(source.yamlPath, source.environment);
  return settingsOf(line, [file, environment, line.given]);
}

function settingsOf(line: CommandLine, layers: readonly GivenOptions[]): Settings {
  const given: GivenOptions = new Map(layers.flatMap((layer) => [...layer]));
  const text = (name: string, fallback: string) => given.get(name.toLowerCase())?.value ?? fallback;
  const number = (name: string, fallback: number) => Number(text(name, String(fallback)));
  const isOn = (name: string, fallback: boolean) => text(name, fallback ? '1' : '0') === '1';
  const [width, height] = screenSize(given);
  return {
    display: line.display ?? defaultDisplay,
    width,
    height,
    depth: text('depth', '24') === '16' ? 16 : 24,
    desktopName: text('desktop', 'bhatti'),
    mayResize: isOn('AcceptSetDesktopSize', true),
    port: number('websocketPort', 6080) || 6080,
    interface: listenHost(isOn('localhost', false), text('interface', ''), isOn('UseIPv6', true)),
    vnc: vncOf(line.display ?? defaultDisplay, given),
    sharing: sharingOf(given, isOn),
    exclusiveReplaces: isOn('DisconnectClients', true),
    needsPassword: !isOn('DisableBasicAuth', false),
    blacklistThreshold: number('BlacklistThreshold', 5),
    blacklistTimeoutMs: number('BlacklistTimeout', 10) * 1000,
    viewerIdleTimeoutMs: number('IdleTimeout', 0) * 1000,
    inputQuietMs: number('InputQuietTimeout', 120) * 1000,
    acceptKeys: isOn('AcceptKeyEvents', true),
    acceptPointer: isOn('AcceptPointerEvents', true),
    acceptClipboard: isOn('AcceptCutText', true),
    sendClipboard: isOn('SendCutText', true),
    maxAcceptedClipboardBytes: number('DLP_ClipAcceptMax', 0) || maxClipboardBytes,
    maxSentClipboardBytes: number('DLP_ClipSendMax', 0) || maxClipboardBytes,
    frameRate: number('FrameRate', 60),
    // One core is left to the desktop itself.
    threads: number('RectThreads', 0) || Math.max(1, availableParallelism() - 1),
    minQuality: number('DynamicQualityMin', 7),
    maxQuality: number('DynamicQualityMax', 8),
    headers: headersOf(text('http-header', '')),
    xFlags: xFlagsOf(line.xFlags, given),
    ignored: ignoredOptions(given),
  };
}

function screenSize(given: GivenOptions): [number, number] {
  const flag = given.get('geometry');
  const sides = [given.get('desktop.resolution.width'), given.get('desktop.resolution.height')];
  const [width = 0, height = 0] = flag?.value.split('x').map(Number) ?? [
    Number(sides[0]?.value ?? 1280),
    Number(sides[1]?.value ?? 720),
  ];
  if (isTooLarge({ width, height })) {
    const origin = flag?.origin ?? sides.flatMap((side) => side?.origin ?? []).join(' and ');
    throw wrongValue(origin, `${width}x${height}`, `at most ${maxPixels} pixels`);
  }
  return [width, height];
}

function listenHost(loopbackOnly: boolean, address: string, useIpv6: boolean): string {
  if (loopbackOnly) return '127.0.0.1';
  if (address === '') return useIpv6 ? '::' : '0.0.0.0';
  return address;
}

function vncOf(display: number, given: GivenOptions): VncSettings | undefined {
  const value = (id: string) => given.get(id)?.value;
  const port = Number(value('rfbport') ?? 0);
  const isOn = (value('nowebsocket') ?? (value('network.protocol') === 'vnc' ? '1' : '0')) === '1';
  if (!isOn || port < 0) return undefined;
  const [certificate, key] = [given.get('cert'), given.get('key')];
  if (certificate === undefined && key !== undefined) {
    throw new CodedError('INVALID_ARGUMENT', `cannot use ${key.origin} "${key.value}": its certificate is not given`, {
      argument: key.origin,
      value: key.value,
    });
  }
  return {
    host: value('network.vnc.interface') || '127.0.0.1',
    port: port === 0 ? firstVncPort + display : port,
    identityFiles: certificate && { certificate: certificate.value, key: (key ?? certificate).value },
  };
}

function sharingOf(given: GivenOptions, isOn: (name: string, fallback: boolean) => boolean): Settings['sharing'] {
  const type = given.get('user_session.session_type')?.value;
  if (isOn('AlwaysShared', type === 'shared')) return 'always';
  return isOn('NeverShared', type === 'exclusive') ? 'never' : 'asked';
}

function headersOf(lines: string): [string, string][] {
  return lines
    .split('\n')
    .map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, Math.max(at, 0)).trim(), line.slice(at + 1).trim()];
    })
    .filter(([name]) => /^[!#$%&'*+.^_`|~\w-]+$/.test(name));
}

function xFlagsOf(raw: readonly string[], given: GivenOptions): string[] {
  const flags = [...raw];
  for (const row of OPTIONS) {
    const value = given.get(optionId(row))?.value;
    if (row.use !== 'x' || row.flag === undefined || value === undefined) continue;
    // The X server's own options are two words, TigerVNC's parameters one.
    if (row.flag === 'fp' || row.flag === 'dpi') {
      if (value !== 'auto') flags.push(`-${row.flag}`, value);
    } else {
      flags.push(`-${row.flag}=${value.replaceAll('\n', ',')}`);
    }
  }
  return flags;
}

function ignoredOptions(given: GivenOptions): string[] {
  return OPTIONS.flatMap((row) => {
    const option = given.get(optionId(row));
    return row.use === 'none' && option !== undefined ? [`${option.origin} has no effect: ${row.meaning}`] : [];
  });
}
