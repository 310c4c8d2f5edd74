import { startScene } from './scenes.ts';
import { measureKeys } from './keys.ts';
import type { Measured, Setting, Stage } from './workload.ts';
import { until } from '../../../tests/support/until.ts';
import { mustRun } from '../run-program.ts';

const at = { x: 40, y: 40 };
/** The first lines of the terminal: more than is typed. */
const area = { ...at, width: 720, height: 60 };

/** Letters typed into xterm, which echoes and draws them with smooth letters. */
export async function measureTyping(stage: Stage, setting: Setting): Promise<Measured> {
  const { server, link } = setting;
  await using painter = await startScene(stage, server, { kind: 'bare' });
  const geometry = `100x30+${at.x}+${at.y}`;
  const terminal = Bun.spawn(['xterm', '-fa', 'DejaVu Sans Mono', '-fs', '10', '-geometry', geometry, '-e', 'cat'], {
    env: server.env,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  try {
    await until(async () =>
      (await mustRun('env', ...entries(server.env), 'xwininfo', '-root', '-tree')).includes('"cat"'),
    );
    await painter.tell({ do: 'pointer', x: at.x + 300, y: at.y + 200 });
    await using viewer = await stage.browser.open(server, link);
    const { keys: _, ...measured } = await measureKeys(setting, viewer, { area, seconds: stage.seconds });
    return measured;
  } finally {
    terminal.kill();
    await terminal.exited;
  }
}

function entries(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
