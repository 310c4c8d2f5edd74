import { join } from 'node:path';
import type { EngineConfig } from '../engine.ts';

/** Where the container engine keeps what it shares between sandboxes. */
export interface EnginePaths {
  /** Persistent, one directory a sandbox. 0700. */
  readonly sandboxesDir: string;
  /** Records of networks, one file an owner. */
  readonly networksDir: string;
  /** Cleared by a reboot, one directory a sandbox: sockets and bundles. 0700: no guest and no user of the host gets in. */
  readonly runtimeDir: string;
  /** Mount points while a sandbox starts. 0711: the runtime, already root of the sandbox and so nobody here, must pass through. */
  readonly rootsDir: string;
  /** State of the OCI runtime. */
  readonly runcDir: string;
}

export function enginePaths(config: EngineConfig): EnginePaths {
  return {
    sandboxesDir: join(config.dataDir, 'sandboxes'),
    networksDir: join(config.dataDir, 'networks'),
    runtimeDir: join(config.runDir, 'sandboxes'),
    rootsDir: join(config.runDir, 'roots'),
    runcDir: join(config.runDir, 'runc'),
  };
}

export interface SandboxPaths {
  readonly dir: string;
  readonly record: string;
  /** The sandbox's own file system, a sparse file: upper layer of its root. */
  readonly diskImage: string;
  /** Exists from the first start on: it tells `stopped` from `created`. */
  readonly startedMark: string;

  readonly bundle: string;
  readonly bundleConfig: string;
  readonly agentSocket: string;
  /** Output of PID 1: a named pipe, see openFifo. */
  readonly console: string;
  readonly runcLog: string;
  readonly runcState: string;

  readonly mounts: MountPoints;
}

/** Mount points that exist for the moment of starting only. */
export interface MountPoints {
  readonly dir: string;
  /** The image, read-only, owners mapped. */
  readonly image: string;
  /** The disk as it is; its owners count from 0. */
  readonly disk: string;
  /** The disk with owners mapped. */
  readonly mappedDisk: string;
  /** Overlay of both: the root of the sandbox. */
  readonly rootfs: string;
}

export function sandboxPaths(config: EngineConfig, id: string): SandboxPaths {
  const paths = enginePaths(config);
  const dir = join(paths.sandboxesDir, id);
  const bundle = join(paths.runtimeDir, id);
  const roots = join(paths.rootsDir, id);
  return {
    dir,
    record: join(dir, 'sandbox.json'),
    diskImage: join(dir, 'disk.img'),
    startedMark: join(dir, 'started'),
    bundle,
    bundleConfig: join(bundle, 'config.json'),
    agentSocket: join(bundle, 'agent.sock'),
    console: join(bundle, 'console'),
    runcLog: join(bundle, 'runc.log'),
    runcState: join(paths.runcDir, id, 'state.json'),
    mounts: {
      dir: roots,
      image: join(roots, 'image'),
      disk: join(roots, 'disk'),
      mappedDisk: join(roots, 'mapped-disk'),
      rootfs: join(roots, 'rootfs'),
    },
  };
}
