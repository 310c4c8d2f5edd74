import { hasCode } from '@bhatti/base/errors.ts';
import { readFileSync } from 'node:fs';
import { expectBody } from './atspi.ts';
import { BodyWriter } from './bus/body-writer.ts';
import type { BusConnection, CallGroup } from './bus/connection.ts';
import { isUsualBusName } from './element.ts';
import type { Program } from './present.ts';
import { cleanName } from './text.ts';

const maxPrograms = 200; // a desktop has 15

/** Everybody on the bus but ourselves, with the pid that the kernel vouches for. */
export async function listPrograms(connection: BusConnection, group: CallGroup): Promise<Program[]> {
  const body = expectBody(await group.callBus('ListNames'), 'as');
  const names: string[] = [];
  body.array(4, () => names.push(body.string()));
  const others = names.filter((name) => isUsualBusName(name) && name !== connection.name).slice(0, maxPrograms);
  const programs = await Promise.all(others.map((bus) => tryProgram(group, bus)));
  return programs.filter((program) => program !== undefined);
}

export async function pidOf(group: CallGroup, bus: string): Promise<number> {
  const reply = await group.callBus('GetConnectionUnixProcessID', 's', new BodyWriter().string(bus));
  return expectBody(reply, 'u').u32();
}

async function tryProgram(group: CallGroup, bus: string): Promise<Program | undefined> {
  try {
    return { bus, pid: await pidOf(group, bus) };
  } catch (error) {
    if (hasCode(error, 'PROTOCOL_VIOLATION')) return undefined; // expected: it has left
    throw error;
  }
}

/** What the system calls a process that does not say its name. */
export function processName(pid: number): string {
  try {
    return cleanName(readFileSync(`/proc/${pid}/comm`, 'utf8'), 100);
  } catch {
    return ''; // expected: it has ended
  }
}
