import { CodedError } from '@bhatti/base/errors.ts';
import { logToStderr } from '@bhatti/base/log.ts';
import { VERSION } from '@bhatti/base/version.ts';
import { parseCommandLine } from './config/flags.ts';
import { displayPaths } from './config/paths.ts';
import { readSettings } from './config/settings.ts';
import { ownEnvironment } from '@bhatti/sys/environment.ts';

/** `Xkasmvnc`: the display server, under the name and with the flags of the one that it takes the place of. */
export async function main(args: readonly string[]): Promise<number> {
  const debug = process.env['BHATTI_DEBUG'];
  if (debug !== undefined && debug !== '') logToStderr(debug);
  try {
    return await run(args);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    console.error(`error: ${error.message}`);
    if (error.hint !== undefined) console.error(`hint: ${error.hint}`);
    return error.spec.exit;
  }
}

async function run(args: readonly string[]): Promise<number> {
  const { action } = parseCommandLine(args);
  const environment = ownEnvironment();
  const paths = displayPaths(environment);
  // Each part is loaded only where it runs: the supervisor stays small.
  switch (action) {
    case 'help':
      console.log((await import('./config/help.ts')).helpText());
      return 0;
    case 'version':
      console.log(`Xkasmvnc of bhatti ${VERSION}`);
      return 0;
    case 'waitReady': {
      const { waitReady } = await import('./supervisor/wait-ready.ts');
      const { startOperation } = await import('@bhatti/base/operation.ts');
      const settings = await readSettings({ args, environment, yamlPath: paths.yamlFile });
      using op = startOperation({ timeoutMs: readyTimeoutMs });
      await waitReady(op, settings.port);
      return 0;
    }
    case 'a11y':
      return (await import('./a11y/reader-main.ts')).runReader(paths.a11yBusSocket);
    case 'stream':
      return (await import('./stream.ts')).runStreaming({ args, environment, yamlPath: paths.yamlFile }, paths);
    case 'run': {
      const settings = await readSettings({ args, environment, yamlPath: paths.yamlFile });
      const { supervise } = await import('./supervisor/assemble.ts');
      return supervise({ settings, paths, args, environment, executable: process.execPath }, terminated());
    }
  }
}

const readyTimeoutMs = 30_000; // a hundred times what it takes on an idle machine

function terminated(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
}
