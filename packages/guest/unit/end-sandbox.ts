import type { UnitManager } from './unit-manager.ts';

const answerMs = 20; // for the reply to leave before everything ends
const init = 1;

/**
 * `systemctl poweroff`, `halt` and `reboot`: all units are stopped in order, then PID 1 ends, and the sandbox is stopped. There is no machine to be switched off or started again: whoever needs the sandbox next
 * starts it.
 */
export function endSandbox(manager: UnitManager): void {
  setTimeout(() => void end(manager), answerMs);
}

async function end(manager: UnitManager): Promise<void> {
  await manager.stopAll();
  process.kill(init, 'SIGTERM');
}
