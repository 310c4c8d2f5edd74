import { defaultFacility, defaultLevel, sourceName, type Speaker } from './entry.ts';
import { generationsOf, type Generations } from './generations.ts';
import { noUnit, unitJournalDir, type OutputStream, type SpawnRecord } from './layout.ts';
import { countWhere } from './times.ts';

/** Whose output a stream carries, and how it is to be read. */
export interface OutputSpeaker {
  readonly speaker: Speaker;
  readonly level: number;
  readonly hasPrefixes: boolean;
  readonly maxLevel: number;
  readonly sinceUs: number;
}

/** Who speaks in a unit's streams, by time: the process of a stream that was started last. */
export class Speakers {
  readonly #unit: string;
  readonly #files: Generations;
  readonly #byStream: Record<OutputStream, OutputSpeaker[]> = { main: [], control: [] };
  readonly #nobody: Record<OutputStream, OutputSpeaker>;
  #olderInodes: number[] | undefined;
  #read = { inode: 0, offset: 0 };
  #last: { readonly found: OutputSpeaker; readonly stream: OutputStream; readonly untilUs: number } | undefined;

  constructor(root: string, unit: string) {
    this.#unit = unit;
    this.#files = generationsOf(unitJournalDir(unit, root), 'events.log', 'records');
    const unknown = (stream: OutputStream): OutputSpeaker => ({
      speaker: {
        source: sourceName(unit, stream),
        unit,
        transport: 'stdout',
        pid: undefined,
        uid: undefined,
        gid: undefined,
        comm: undefined,
        identifier: unit.replace(/\.\w+$/, ''),
        facility: defaultFacility,
        invocation: undefined,
      },
      level: defaultLevel,
      hasPrefixes: true,
      maxLevel: 7,
      sinceUs: 0,
    });
    this.#nobody = { main: unknown('main'), control: unknown('control') };
  }

  at(stream: OutputStream, timeUs: number): OutputSpeaker {
    const last = this.#last;
    if (last !== undefined && last.stream === stream && timeUs >= last.found.sinceUs && timeUs < last.untilUs)
      return last.found;
    if (this.#olderInodes === undefined) this.refresh();
    const known = this.#byStream[stream];
    // Older ones are read when something is older than what is known.
    while ((known[0]?.sinceUs ?? Infinity) > timeUs && this.#readOlder());
    const count = countWhere(known.length, (at) => (known[at]?.sinceUs ?? 0) <= timeUs);
    const found = known[count - 1] ?? this.#nobody[stream];
    this.#last = { found, stream, untilUs: known[count]?.sinceUs ?? Infinity };
    return found;
  }

  /** The unit's invocation at a time. */
  invocationAt(timeUs: number): string | undefined {
    if (this.#unit === noUnit) return undefined;
    const speakers = [this.at('main', timeUs), this.at('control', timeUs)];
    return speakers.toSorted((a, b) => b.sinceUs - a.sinceUs)[0]?.speaker.invocation;
  }

  /** Reads what has been added since. */
  refresh(): void {
    const inodes = this.#files.inodes();
    const at = inodes.indexOf(this.#read.inode);
    // The first time it is the newest file alone.
    const fresh = this.#olderInodes === undefined ? inodes.slice(-1) : inodes.slice(Math.max(0, at));
    this.#olderInodes ??= inodes.slice(0, -1);
    for (const inode of fresh) {
      const from = inode === this.#read.inode ? this.#read.offset : 0;
      for (const spawn of this.#spawnsIn(inode, from)) this.#byStream[spawn.stream].push(this.#speakerOf(spawn));
    }
    this.#last = undefined;
  }

  #readOlder(): boolean {
    const inode = this.#olderInodes?.pop();
    if (inode === undefined) return false;
    const [read, older] = [this.#read, this.#spawnsIn(inode, 0)];
    this.#read = read;
    for (const spawn of older.toReversed()) this.#byStream[spawn.stream].unshift(this.#speakerOf(spawn));
    return true;
  }

  #spawnsIn(inode: number, from: number): SpawnRecord[] {
    const opened = this.#files.open(inode);
    if (opened === undefined) return [];
    using file = opened.file;
    const spawns: SpawnRecord[] = [];
    for (const line of file.forward(from, file.size)) {
      if (!line.isWhole) break;
      this.#read = { inode, offset: line.end };
      if (typeof line.text !== 'string' || !line.text.startsWith('{"kind":"spawn"')) continue;
      const record = tryParse(line.text);
      if (record !== undefined) spawns.push(record);
    }
    return spawns;
  }

  #speakerOf(spawn: SpawnRecord): OutputSpeaker {
    const { pid, uid, gid, comm, identifier, facility, invocation } = spawn;
    const { source, unit, transport } = this.#nobody[spawn.stream].speaker;
    return {
      speaker: { source, unit, transport, pid, uid, gid, comm, identifier, facility, invocation },
      level: spawn.level,
      hasPrefixes: spawn.hasPrefixes,
      maxLevel: spawn.maxLevel ?? 7,
      sinceUs: spawn.t,
    };
  }
}

function tryParse(text: string): SpawnRecord | undefined {
  try {
    // SAFETY: root's own file, written by this very executable.
    return JSON.parse(text) as SpawnRecord;
  } catch {
    return undefined; // expected: a crash of the machine has cut it
  }
}
