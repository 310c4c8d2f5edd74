import { CodedError } from '@bhatti/base/errors.ts';

import type { BhattiOptions } from '../bhatti.ts';
import type { SandboxSpec } from '../sandbox-info.ts';
import { notOffered } from './not-offered.ts';

/** Of `Sandbox.create`: E2B's names, and what bhatti has beside them. */
export interface SandboxOptions extends BhattiOptions {
  /** Width and height of the screen. */
  readonly resolution?: readonly [number, number] | undefined;
  /** 96; there is no other. */
  readonly dpi?: number | undefined;
  /** `:99`; there is no other. */
  readonly display?: string | undefined;
  readonly envs?: Readonly<Record<string, string>> | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** After which this program ends the sandbox, as `lifecycle` says. Default: never. */
  readonly timeoutMs?: number | undefined;
  readonly lifecycle?: { readonly onTimeout?: 'kill' | 'pause'; readonly autoResume?: boolean } | undefined;
  /** Of the call. */
  readonly requestTimeoutMs?: number | undefined;
  readonly cpus?: number | undefined;
  readonly memoryMb?: number | undefined;
  readonly diskSizeMb?: number | undefined;
}

/** Of `Sandbox.connect`: the rest was settled when the sandbox was made. */
export type ConnectOptions = Pick<SandboxOptions, keyof BhattiOptions | 'timeoutMs' | 'lifecycle' | 'requestTimeoutMs'>;

const daemonNames = ['url', 'token', 'socketPath', 'retries', 'transport'];
const screenNames = ['resolution', 'dpi', 'display'];
const knownToConnect: readonly string[] = [...daemonNames, 'timeoutMs', 'lifecycle', 'requestTimeoutMs'];
const knownToCreate: readonly string[] = [
  ...knownToConnect,
  ...screenNames,
  'envs',
  'metadata',
  'cpus',
  'memoryMb',
  'diskSizeMb',
];

/** E2B's own template for desktops is our image for them. */
const images: Readonly<Record<string, string>> = { desktop: 'computer' };

/** Throws for what cannot be had. */
export function specOf(template: string, options: SandboxOptions): SandboxSpec {
  checkNames(options, knownToCreate);
  checkValues(options);
  const { resolution, envs, metadata, cpus, memoryMb, diskSizeMb } = options;
  const size: Record<string, string> =
    resolution === undefined ? {} : { DISPLAY_WIDTH: String(resolution[0]), DISPLAY_HEIGHT: String(resolution[1]) };
  return {
    image: images[template] ?? template,
    env: { ...envs, ...size },
    labels: metadata,
    cpus,
    memoryMb,
    diskSizeMb,
  };
}

/** Throws for what cannot be had. */
export function checkConnect(options: ConnectOptions): void {
  checkNames(options, knownToConnect);
  checkValues(options);
}

function checkNames(options: SandboxOptions, known: readonly string[]): void {
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && !known.includes(name))
      throw new CodedError(
        'INVALID_ARGUMENT',
        `cannot use the option "${name}": it is not offered here`,
        { argument: name },
        { hint: name === 'apiKey' ? 'the daemon\'s own key goes into "token" or BHATTI_TOKEN' : 'leave it out' },
      );
}

function checkValues({ dpi, display, lifecycle }: SandboxOptions): void {
  if (dpi !== undefined && dpi !== 96)
    throw notOffered(`a screen of ${dpi} dpi`, 'leave "dpi" out, or choose a larger resolution');
  if (display !== undefined && display !== ':99')
    throw notOffered(`the display "${display}"`, 'the desktop is always :99, and DISPLAY is set');
  if (lifecycle?.autoResume === false)
    throw notOffered('a sandbox that does not resume by itself', 'stop it: a stopped one starts only when it is used');
}
