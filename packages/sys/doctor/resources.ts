import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { availableParallelism } from 'node:os';

import type { Finding } from './finding.ts';
import { tryReadTrimmed } from './proc-file.ts';

const desktopMb = 2_048; // the least that the desktop is meant for
const minimalMb = 256;

export function probeMemory(): Finding {
  const availableKb = Number(/^MemAvailable:\s+(\d+)/m.exec(tryReadTrimmed('/proc/meminfo') ?? '')?.[1] ?? 0);
  const availableMb = Math.floor(availableKb / 1024);
  const found = `${availableMb} MB free, ${availableParallelism()} cores`;
  if (availableMb < minimalMb)
    return { subject: 'memory', level: 'missing', found, advice: 'free some: not even a small sandbox fits' };
  if (availableMb < desktopMb)
    return { subject: 'memory', level: 'warn', found, advice: 'a desktop wants 2048 MB and better 4096' };
  return { subject: 'memory', level: 'ok', found };
}

const imagesMb = 4_096; // both tiers, and what their build needs besides

export function probeDisk(dataDir: string): Finding {
  const place = nearestExisting(dataDir);
  const { bavail, bsize } = statfsSync(place);
  const freeMb = Math.floor((bavail * bsize) / 1024 / 1024);
  const found = `${freeMb} MB free in ${place}`;
  if (freeMb < 1_024)
    return { subject: 'disk', level: 'missing', found, advice: `free some, or set BHATTI_DATA_DIR to a larger disk` };
  if (freeMb < imagesMb)
    return { subject: 'disk', level: 'warn', found, advice: `building the computer image takes ${imagesMb} MB` };
  return { subject: 'disk', level: 'ok', found };
}

function nearestExisting(path: string): string {
  return existsSync(path) || path === '/' ? path : nearestExisting(dirname(path));
}
