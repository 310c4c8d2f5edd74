import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { join } from 'node:path';
import type { PainterCommand, PainterLog, PainterOrder, PainterReply } from './painter-protocol.ts';

/** The painter of one scene, in a process of its own: it must be on time while the bench drives a browser. */
export class Painter implements AsyncDisposable {
  readonly #child: Bun.Subprocess<'pipe', 'pipe', 'inherit'>;
  readonly #lines: AsyncIterator<string>;

  private constructor(order: PainterOrder) {
    const argv = [process.execPath, join(import.meta.dir, 'painter.ts'), JSON.stringify(order)];
    this.#child = Bun.spawn(argv, { stdio: ['pipe', 'pipe', 'inherit'] });
    // WHY: the two declarations of the web's ReadableStream, Bun's and Node's, differ in what they leave out.
    const lines = createInterface({ input: Readable.fromWeb(this.#child.stdout as never) });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** Resolves when the scene is drawn. */
  static async start(order: PainterOrder): Promise<Painter> {
    const painter = new Painter(order);
    await painter.#answer();
    return painter;
  }

  async tell(command: PainterCommand): Promise<PainterReply> {
    void this.#child.stdin.write(`${JSON.stringify(command)}\n`);
    void this.#child.stdin.flush();
    return await this.#answer();
  }

  async takeLog(): Promise<PainterLog> {
    const { log } = await this.tell({ do: 'takeLog' });
    if (log === undefined) throw new Error('the painter gave no log');
    return log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    void this.#child.stdin.end();
    await this.#child.exited;
  }

  async #answer(): Promise<PainterReply> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`the painter ended with ${await this.#child.exited}`);
    return JSON.parse(line.value);
  }
}
