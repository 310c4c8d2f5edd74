import { TestDaemon } from './support/daemon.ts';
const daemon = await TestDaemon.start({ images: ['computer', 'minimal'] });
await Bun.write('/tmp/t/desk.env', `export BHATTI_RUN_DIR=${daemon.runDir}\nSOCK=${daemon.socketPath}\n`);
process.on('SIGTERM', async () => { await daemon[Symbol.asyncDispose](); process.exit(0); });
await new Promise(() => {});
