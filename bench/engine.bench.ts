// What the container engine's own steps cost, without lohar: a tiny first program, one sandbox at a time.
import { openEngineHost } from '../tests/support/engine-host.ts';
import { enginesUnderTest } from '../tests/support/engine-list.ts';
import { report } from './harness.ts';

const runs = 30;

for (const subject of enginesUnderTest) {
  await using host = await openEngineHost(subject);
  const { op } = host;
  const engine = host.engine();
  const samples: Record<string, number[]> = {};
  const measure = async (name: string, task: () => Promise<unknown>) => {
    const startedAt = performance.now();
    await task();
    (samples[name] ??= []).push(performance.now() - startedAt);
  };
  // Keeps the owner's network in place: making and removing it belongs to the first and the last sandbox only.
  await host.launch();
  for (let run = 0; run < runs; run++) {
    const spec = host.spec({ diskMib: 4096 });
    await measure('create', () => engine.create(op, spec));
    await measure('start', () => engine.start(op, spec.id));
    await host.run(spec.id, 'true');
    await measure('pause-resume', async () => {
      await engine.pause(op, spec.id);
      await engine.resume(op, spec.id);
    });
    await measure('stop', () => engine.stop(op, spec.id));
    await engine.start(op, spec.id);
    await measure('destroy', () => engine.destroy(op, spec.id));
  }
  for (const [name, values] of Object.entries(samples)) report(`engine-${subject.name}-${name}`, 'ms', values);
}
