import type { AccountDatabase } from '@bhatti/sys/account.ts';
import { ownFd, type OwnedFd } from '@bhatti/sys/native/descriptor.ts';
import { openSocket, setPipeSize, setSocketOption } from '@bhatti/sys/network/socket.ts';
import { openFifo } from '@bhatti/sys/process/fifo.ts';
import { chmodSync, chownSync, constants, lstatSync, mkdirSync, openSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { bindingOptions, tuningOptions } from './socket-options.ts';
import type { ListenSpec, SocketSettings } from './trigger-settings.ts';

/** What opening one needs beside its `ListenX=` line. */
export interface ListenContext {
  readonly settings: SocketSettings;
  readonly accounts: AccountDatabase;
  /** Says what did not work and is not worth failing for. */
  readonly warn: (text: string) => void;
}

/** One socket, FIFO or special file, ready to be read from. Throws what the system said. */
export function openPort(context: ListenContext, spec: ListenSpec): OwnedFd {
  const { settings, warn } = context;
  if (spec.address.family === 'unix' && spec.kind !== 'Special') makeRoom(spec, settings);
  switch (spec.kind) {
    case 'FIFO':
      return openFifoPort(context, pathOf(spec));
    case 'Special':
      return ownFd(openSync(pathOf(spec), (settings.writable ? constants.O_RDWR : 0) | constants.O_NONBLOCK));
    case 'Stream':
    case 'Datagram':
    case 'SequentialPacket': {
      const socket = openSocket({
        type: spec.kind,
        address: spec.address,
        options: bindingOptions(settings, spec),
        backlog: settings.backlog,
        isBlocking: !settings.accept,
      });
      try {
        for (const [option, value] of tuningOptions(settings, spec))
          attempt(warn, () => setSocketOption(socket.fd, option, value));
        if (spec.address.family === 'unix') giveAway(context, spec.address.path);
        return socket;
      } catch (error) {
        socket[Symbol.dispose]();
        throw error;
      }
    }
  }
}

/** `Symlinks=`: other names of its one file. */
export function makeSymlinks({ settings, warn }: ListenContext): void {
  const path = settings.listen.find(({ address }) => address.family === 'unix');
  if (path === undefined) return;
  for (const link of settings.symlinks)
    attempt(warn, () => {
      mkdirSync(dirname(link), { recursive: true, mode: settings.directoryMode });
      if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(link);
      symlinkSync(pathOf(path), link);
    });
}

/** `RemoveOnStop=`: the files of sockets and FIFOs, with what leads to them. */
export function removeNodes({ settings, warn }: ListenContext): void {
  const nodes = settings.listen.filter(({ kind, address }) => kind !== 'Special' && address.family === 'unix');
  for (const path of [...nodes.map(pathOf), ...settings.symlinks]) attempt(warn, () => rmSync(path, { force: true }));
}

function openFifoPort(context: ListenContext, path: string): OwnedFd {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFIFO()) throw new Error(`"${path}": File exists`);
  const fifo = openFifo(path);
  try {
    giveAway(context, path);
    const { pipeSizeBytes } = context.settings;
    if (pipeSizeBytes !== undefined) attempt(context.warn, () => setPipeSize(fifo.fd, pipeSizeBytes));
    return fifo;
  } catch (error) {
    fifo[Symbol.dispose]();
    throw error;
  }
}

function makeRoom(spec: ListenSpec, { directoryMode }: SocketSettings): void {
  const path = pathOf(spec);
  mkdirSync(dirname(path), { recursive: true, mode: directoryMode });
  // An earlier one that nobody serves any more; what is no socket is in the way.
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
}

/** `SocketUser=`, `SocketGroup=`, `SocketMode=`. */
function giveAway({ settings, accounts }: ListenContext, path: string): void {
  const { socketUser, socketGroup, socketMode } = settings;
  if (socketUser !== undefined || socketGroup !== undefined) {
    const user = socketUser === undefined ? undefined : accounts.find(socketUser);
    const group = socketGroup === undefined ? undefined : accounts.findGroup(socketGroup);
    if (socketUser !== undefined && user === undefined) throw new Error(`no user "${socketUser}"`);
    if (socketGroup !== undefined && group === undefined) throw new Error(`no group "${socketGroup}"`);
    chownSync(path, user?.uid ?? 0, group?.gid ?? user?.gid ?? 0);
  }
  chmodSync(path, socketMode);
}

function pathOf({ address }: ListenSpec): string {
  if (address.family !== 'unix') throw new Error('no path');
  return address.path;
}

function attempt(warn: (text: string) => void, action: () => void): void {
  try {
    action();
  } catch (error) {
    warn(error instanceof Error ? error.message : String(error));
  }
}
