import type { SandboxId } from '@bhatti/base/ids.ts';
import type { Operation } from '@bhatti/base/operation.ts';
import type { Duplex } from 'node:stream';

/** Where an engine keeps things, and what its objects on the host are called. Two daemons with different instances never touch each other's. */
export interface EngineConfig {
  /** Persistent: images/, sandboxes/. Default /var/lib/bhatti. */
  readonly dataDir: string;
  /** Cleared by a reboot: sockets, bundles, mounts. Default /run/bhatti. */
  readonly runDir: string;
  /** Prefix of bridges, nft tables, cgroups; lower-case letters and digits, at most 6. Default `bhatti`. */
  readonly instance: string;
  /** IPv4 /16 out of which each owner gets a /24, e.g. `10.107.0.0/16`. */
  readonly subnet: string;
  /** The executable to mount into sandboxes. */
  readonly executable: string;
}

/** What a sandbox is asked to be. Complete: defaults are filled in before it reaches an engine. */
export interface SandboxSpec {
  readonly id: SandboxId;
  readonly name: string;
  /** Whose it is; sandboxes of one owner may reach each other. */
  readonly owner: string;
  /** Name of an image that `ImageStore` has. */
  readonly image: string;
  /** Cores, fractions allowed. */
  readonly cpus: number;
  readonly memoryMib: number;
  readonly diskMib: number;
}

export type EnginePhase = 'created' | 'running' | 'paused' | 'stopped';

/** What an engine observes of a sandbox, never what it remembers. */
export interface SandboxStatus {
  readonly id: SandboxId;
  readonly phase: EnginePhase;
  /** IPv4 address on its owner's network; fixed for the sandbox's whole life. */
  readonly address: string;
  /** Resolver and gateway on that network. */
  readonly gateway: string;
  /** Host path of the listening agent socket, in a directory that no guest sees. */
  readonly agentSocket: string;
}

/**
 * What can make and run sandboxes. Every method may be repeated after a crash of the daemon at any instant: it finds what its last run left and
 * goes on from there. Errors are coded; nothing half-made stays behind a failed `create` or `start`.
 */
export interface Engine {
  readonly name: 'container' | 'microvm';
  /** One line for people: which barrier stands between a sandbox and the host. */
  readonly barrier: string;

  /** Prepares what all sandboxes share (bridge, firewall, directories). Idempotent; legal at any time. Throws HOST_UNSUPPORTED, TOOL_MISSING. */
  prepare(op: Operation): Promise<void>;
  /** Legal for an id that does not exist. Allocates disk and address; starts nothing. Throws IMAGE_NOT_FOUND, HOST_FULL. */
  create(op: Operation, spec: SandboxSpec): Promise<SandboxStatus>;
  /** Legal in `created` and `stopped`. Returns when the guest's PID 1 runs; the agent socket accepts from then on. Throws BOOT_FAILED, SANDBOX_WRONG_PHASE. */
  start(op: Operation, id: SandboxId): Promise<SandboxStatus>;
  /** Legal in `running` and `paused`; a no-op in `stopped`. Processes get SIGTERM and a moment, then the sandbox is killed. Files stay. */
  stop(op: Operation, id: SandboxId): Promise<SandboxStatus>;
  /** Legal in `running`. Every process is frozen where it stands. */
  pause(op: Operation, id: SandboxId): Promise<void>;
  /** Legal in `paused`. */
  resume(op: Operation, id: SandboxId): Promise<void>;
  /** Legal in every phase and for an id that does not exist. Leaves nothing on the host. */
  destroy(op: Operation, id: SandboxId): Promise<void>;
  /** Legal in `running`. A new connection to the agent socket; the caller owns it. Throws AGENT_UNREACHABLE. */
  dialAgent(op: Operation, id: SandboxId): Promise<Duplex>;
  /** Status of one sandbox as observed now, or undefined. */
  status(id: SandboxId): Promise<SandboxStatus | undefined>;
  /** Remarks for a person about running this here, e.g. that the host has fewer cores than were asked for. */
  notices?(spec: SandboxSpec): readonly string[];
  /** All that exists of this engine on the host, half-made ones included: what `reconcile` compares with the store. */
  list(): Promise<SandboxStatus[]>;
}
