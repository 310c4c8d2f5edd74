import { randomHex } from '@bhatti/base/ids.ts';
import { announce } from '@bhatti/base/log.ts';
import { setHostname } from '@bhatti/sys/hostname.ts';
import { BootRequestSchema, type BootRequest } from '@bhatti/wire/agent/boot.ts';
import { guestConfigEnvFile, guestRunDir, guestUid } from '@bhatti/wire/guest-paths.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatEnvironmentFile } from '../unit/environment-file.ts';
import { replaceFile } from './file-write.ts';

const bootIdFile = join(guestRunDir, 'boot-id');
const bootFile = join(guestRunDir, 'boot.json');

/** New at each boot, since /run is; the same for every lohar of one boot. */
export function readBootId(): string {
  mkdirSync(guestRunDir, { recursive: true, mode: 0o755 });
  const known = tryRead(bootIdFile);
  if (known !== undefined) return known;
  const bootId = randomHex(16);
  writeAtomically(bootIdFile, bootId, 0o644);
  return bootId;
}

/** The boot request that an earlier lohar of this boot carried out, if any. */
export function readBootRequest(): BootRequest | undefined {
  const text = tryRead(bootFile);
  return text === undefined ? undefined : decodeRequest(BootRequestSchema, JSON.parse(text), 'boot record');
}

/** Makes this guest what the request says. Every step may be repeated, since lohar may die between any two of them; the record comes last. */
export async function applyBoot(request: BootRequest): Promise<void> {
  announce('sandbox:boot', { sandbox: request.sandboxId });
  setHostname(request.hostname);
  writeIfNew('/etc/hostname', `${request.hostname}\n`);
  writeIfNew('/etc/hosts', hostsFile(request));
  if (request.nameservers.length > 0)
    writeIfNew('/etc/resolv.conf', request.nameservers.map((address) => `nameserver ${address}\n`).join(''));
  writeMachineId();
  makeSocketDirectories();
  if (Object.keys(request.env).length > 0)
    writeAtomically(guestConfigEnvFile, formatEnvironmentFile(request.env), 0o600);
  for (const file of request.files) {
    const mode = file.mode === undefined ? undefined : Number.parseInt(file.mode, 8);
    await replaceFile(file.path, chunksOf(file.contentBase64), { mode, uid: guestUid, gid: guestUid });
  }
  writeAtomically(bootFile, JSON.stringify({ ...request, files: [] }), 0o600);
}

/** A sandbox whose disk is full must come up all the same: who filled it can only empty it from inside. */
function writeIfNew(path: string, content: string): void {
  if (tryRead(path) === content) return;
  try {
    writeFileSync(path, content);
  } catch (error) {
    console.error(`cannot write "${path}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Images have an empty one; a sandbox keeps its own for life. */
function writeMachineId(): void {
  if ((tryRead('/etc/machine-id') ?? '').trim() === '') writeIfNew('/etc/machine-id', `${randomHex(16)}\n`);
}

/** Where programs of every user meet the X server: these must be root's before a user's program makes them its own. */
function makeSocketDirectories(): void {
  for (const path of ['/tmp/.X11-unix', '/tmp/.ICE-unix']) {
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o1777);
  }
}

function hostsFile(request: BootRequest): string {
  const own = request.address ?? '127.0.1.1';
  return ['127.0.0.1\tlocalhost', '::1\tlocalhost ip6-localhost ip6-loopback', `${own}\t${request.hostname}`, ''].join(
    '\n',
  );
}

async function* chunksOf(base64: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(base64, 'base64');
}

function writeAtomically(path: string, content: string, mode: number): void {
  writeFileSync(`${path}.new`, content, { mode });
  renameSync(`${path}.new`, path);
}

function tryRead(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined; // not written yet
    throw error;
  }
}
