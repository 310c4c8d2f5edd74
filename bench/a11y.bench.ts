// What it costs to read the desktop as text: a page of 500 elements in Chromium, the first time with the start of the reading process, and one that is there; finding and locating an element of it; memory of the bus and of the reading process.
import { readFileSync } from 'node:fs';

import { A11yDesktop, pageOf500 } from '../tests/support/a11y-desktop.ts';
import { report, time } from './harness.ts';
import { sharedOnceMb } from './memory.ts';

await using desktop = await A11yDesktop.start();
desktop.browse(pageOf500);
const { ref } = await desktop.seen(({ role, name }) => role === 'button' && name === 'Save 3');
await desktop.seen(({ role, name }) => role === 'checkbox' && name === 'Box 99');
await Bun.sleep(3_000); // Chromium goes on starting for a while

const wholePage = async () => {
  const { nodes, truncated } = await desktop.tree.tree({ scope: 'all' });
  if (nodes.length < 500 || truncated) throw new Error(`read ${nodes.length} elements`);
};
report('a11y-tree-500', 'ms', await time(40, wholePage));
report('a11y-tree-in-sight', 'ms', await time(40, () => desktop.tree.tree({ scope: 'all', offscreen: false })));
report('a11y-find', 'ms', await time(40, () => desktop.tree.find({ role: 'button', name: 'Save 42' })));
report('a11y-locate', 'ms', await time(40, () => desktop.tree.locate({ ref })));

const reader = processes(/Xkasmvnc --a11y/);
report('a11y-memory-reading', 'MB', [sharedOnceMb(reader)]);
report('a11y-memory-bus', 'MB', [sharedOnceMb(processes(/dbus-daemon .*a11y-bus\.conf/))]);

const first: number[] = [];
for (let run = 0; run < 10; run++) {
  desktop.tree[Symbol.dispose]();
  const [elapsed = 0] = await time(1, wholePage, 0);
  first.push(elapsed);
}
report('a11y-tree-500-first', 'ms', first);

/** Those of this desktop. */
function processes(command: RegExp): number[] {
  const all = Bun.spawnSync(['pgrep', '-f', command.source]).stdout.toString().trim().split('\n').map(Number);
  return all
    .filter((pid) => pid > 0)
    .filter((pid) => {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
      const arguments_ = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      return `${environment}${arguments_}`.includes(desktop.display.dir);
    });
}
