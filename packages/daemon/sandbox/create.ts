import { CodedError } from '@bhatti/base/errors.ts';
import { announce } from '@bhatti/base/log.ts';
import { startOperation, type Operation } from '@bhatti/base/operation.ts';
import { runSteps } from '@bhatti/base/steps.ts';
import type { CreateRequest } from '@bhatti/wire/control/sandbox.ts';
import type { UserLimits } from '../store/users.ts';
import { waitDrawn } from '../agent-link/observe.ts';
import { bootSandbox } from './boot.ts';
import { forget } from './destroy.ts';
import { SandboxEntry } from './entry.ts';
import { withOwnTime } from './lifecycle.ts';
import { engineSpec, recordEvent, type SandboxParts } from './parts.ts';
import type { Caller } from './registry.ts';
import { untilAborted } from './runner.ts';
import { checkRequest, defaultImage, differences, newRow, type ImageTraits } from './spec.ts';

export interface Creation {
  readonly entry: SandboxEntry;
  /** The name was there already, and the sandbox is what was asked for. */
  readonly isExisting: boolean;
}

const drawnMs = 60_000; // twenty times what it takes here: for a host that starts eight desktops at once
const undoMs = 60_000;

/**
 * Makes a sandbox and starts it, or answers the one that has the name already. It is usable when this returns: a command can run, and a desktop is drawn unless `wait` is false.
 * Nothing is left of one that could not be started. Throws INVALID_ARGUMENT, IMAGE_NOT_FOUND, ALREADY_EXISTS, QUOTA_EXCEEDED, HOST_FULL, BOOT_FAILED; and, with
 * the sandbox left for a look at it, DISPLAY_UNAVAILABLE.
 */
export async function createSandbox(
  op: Operation,
  parts: SandboxParts,
  asked: { readonly caller: Caller; readonly request: CreateRequest; readonly limits: UserLimits | undefined },
): Promise<Creation> {
  const creation = await findOrMake(op, parts, asked);
  const { entry } = creation;
  if (entry.row.desktop && asked.request.wait !== false && entry.observed.phase === 'running')
    await waitForDesktop(op, entry);
  return creation;
}

async function findOrMake(
  op: Operation,
  parts: SandboxParts,
  { caller, request, limits }: Parameters<typeof createSandbox>[2],
): Promise<Creation> {
  checkRequest(request);
  if (request.engine !== undefined && request.engine !== parts.engine.name)
    throw new CodedError(
      'HOST_UNSUPPORTED',
      `cannot create a sandbox on the ${request.engine} engine: this daemon has none`,
      {
        needs: `the ${request.engine} engine`,
      },
    );
  let image: ImageTraits | undefined;
  for (;;) {
    const existing = request.name === undefined ? undefined : parts.registry.byName(caller.owner, request.name);
    if (existing !== undefined) {
      if (await isReusable(op, parts, existing, request)) return { entry: existing, isExisting: true };
    } else if (image !== undefined) break;
    // Somebody may take the name meanwhile, hence another round. Between the last look at the name and the row nothing waits.
    else image = await imageTraits(parts, request.image ?? defaultImage);
  }
  checkQuota(parts, caller, limits);
  const { defaults, host } = parts;
  const row = newRow(request, { owner: caller.owner, image, defaults, host, limits, now: parts.now() });
  const entry = new SandboxEntry(parts.engine, row, { phase: 'creating' }, () => parts.now().getTime());
  parts.store.sandboxes.insert(row);
  parts.registry.add(entry);
  const making = withOwnTime((own) => entry.runner.run(own, () => make(own, parts, entry)));
  await untilAborted(op, making);
  return { entry, isExisting: false };
}

/** All of it or nothing. */
async function make(own: Operation, parts: SandboxParts, entry: SandboxEntry): Promise<void> {
  const { id } = entry.row;
  await runSteps(own, [
    { name: 'note the sandbox', run: () => {}, undo: () => forget(parts, entry) },
    {
      name: 'allocate disk and address',
      run: async () => {
        await parts.engine.create(own, engineSpec(entry.row));
      },
      async undo() {
        using undoing = startOperation({ timeoutMs: undoMs });
        await parts.engine.destroy(undoing, id);
      },
    },
    { name: 'start', run: () => bootSandbox(own, parts, entry) },
    {
      name: 'note that it runs',
      run() {
        // Its destruction may have been asked for meanwhile; it has the next turn.
        if (entry.row.wanted === 'creating') entry.row = parts.store.sandboxes.update(entry.row, { wanted: 'running' });
      },
    },
  ]);
  recordEvent(parts, entry, 'sandbox.created', `image ${entry.row.image}`);
  announce('sandbox:create', { sandbox: entry.row.name, id, image: entry.row.image });
}

/** Whether the sandbox that has the name is what was asked for; false when it has just gone. Throws ALREADY_EXISTS when it is another one. */
async function isReusable(
  op: Operation,
  parts: SandboxParts,
  entry: SandboxEntry,
  request: CreateRequest,
): Promise<boolean> {
  const { name, wanted } = entry.row;
  const different = wanted === 'destroyed' ? [] : differences(request, entry.row);
  if (different.length > 0)
    throw alreadyExists(name, `one with this name exists and differs in ${different.join(', ')}`);
  // Whoever makes or destroys it now comes to an end first.
  await entry.runner.run(op, async () => {});
  if (parts.registry.byId(entry.row.id) !== entry) return false;
  if (entry.row.wanted === 'destroyed') throw alreadyExists(name, 'one with this name could not be destroyed yet');
  return true;
}

function alreadyExists(name: string, why: string): CodedError {
  return new CodedError(
    'ALREADY_EXISTS',
    `cannot create sandbox "${name}": ${why}`,
    { what: 'sandbox', name },
    { hint: `choose another name, or remove it: bhatti destroy ${name}` },
  );
}

async function imageTraits(parts: SandboxParts, name: string): Promise<ImageTraits> {
  const image = await parts.images.get(name);
  if (image === undefined)
    throw new CodedError(
      'IMAGE_NOT_FOUND',
      `image "${name}" not found`,
      { image: name },
      { hint: `bhatti image build ${buildable.includes(name) ? name : 'computer'}` },
    );
  return { name: image.name, desktop: image.desktop, defaultDiskMib: image.defaultDiskMb };
}

const buildable = ['minimal', 'computer'];

function checkQuota(parts: SandboxParts, caller: Caller, limits: UserLimits | undefined): void {
  if (limits === undefined) return;
  const own = parts.registry.all().filter((entry) => entry.row.owner === caller.owner).length;
  if (own >= limits.maxSandboxes)
    throw new CodedError(
      'QUOTA_EXCEEDED',
      `cannot create a sandbox: the limit of ${limits.maxSandboxes} is reached`,
      { what: 'sandboxes', limit: limits.maxSandboxes },
      { hint: 'remove one with "bhatti destroy"' },
    );
}

async function waitForDesktop(op: Operation, entry: SandboxEntry): Promise<void> {
  using _use = entry.use();
  const { name } = entry.row;
  try {
    await waitDrawn(op, entry.link, Math.min(drawnMs, op.remainingMs()));
  } catch (error) {
    op.check();
    throw new CodedError(
      'DISPLAY_UNAVAILABLE',
      `sandbox "${name}" runs, but its desktop was not drawn: ${error instanceof Error ? error.message : String(error)}`,
      { display: ':99' },
      { cause: error, hint: `bhatti exec ${name} -- systemctl status kasmvnc xfce-session` },
    );
  }
}
