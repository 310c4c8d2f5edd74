import type { DesktopWindow } from '@bhatti/wire/display/control.ts';
import { until } from '../until.ts';
import type { Task } from './task.ts';

/** Tasks in the programs of XFCE, and between programs. */
export const desktopTasks: readonly Task[] = [
  {
    name: 'writes a text and saves it where it is told',
    async run(operator) {
      await operator.exec('rm', '-f', '/tmp/letter.txt');
      await operator.start('mousepad', [], 'Untitled');
      await operator.act({ do: 'type', text: 'Dear Ada,\nन मस्ते 😀\n' }, { do: 'key', keys: 'ctrl+s' });
      await saveAs(operator, '/tmp/letter.txt');
      await operator.file('/tmp/letter.txt', 'Dear Ada,\nन मस्ते 😀\n');
      await closeMousepad(operator, 'letter.txt');
      return 'saved';
    },
    wanted: 'saved',
  },
  {
    name: 'replaces a word in all of a file',
    async run(operator) {
      await operator.exec('sh', '-c', 'printf "one cat\\ntwo cats\\n" > /tmp/cats.txt');
      await operator.start('mousepad', ['/tmp/cats.txt'], 'cats.txt');
      await operator.act({ do: 'key', keys: 'ctrl+Home' }, { do: 'key', keys: 'ctrl+shift+Right', repeat: 2 });
      await operator.act({ do: 'type', text: 'one dog' }, { do: 'key', keys: 'ctrl+s' });
      await operator.file('/tmp/cats.txt', 'one dog\ntwo cats\n');
      await closeMousepad(operator, 'cats.txt');
      return 'replaced';
    },
    wanted: 'replaced',
  },
  {
    name: 'undoes what it typed',
    async run(operator) {
      await operator.exec('sh', '-c', 'printf "as it was\\n" > /tmp/undo.txt');
      await operator.start('mousepad', ['/tmp/undo.txt'], 'undo.txt');
      await operator.act({ do: 'type', text: 'x' }, { do: 'key', keys: 'ctrl+z' }, { do: 'key', keys: 'ctrl+s' });
      await operator.file('/tmp/undo.txt', 'as it was\n');
      await closeMousepad(operator, 'undo.txt');
      return 'undone';
    },
    wanted: 'undone',
  },
  {
    name: 'closes a changed document without saving it',
    async run(operator) {
      await operator.start('mousepad', [], 'Untitled');
      await operator.act({ do: 'type', text: 'never kept' }, { do: 'key', keys: 'ctrl+q' });
      await operator.window('Save Changes');
      await operator.act({ do: 'key', keys: 'alt+d' });
      await operator.untilGone('Mousepad');
      return 'closed';
    },
    wanted: 'closed',
  },
  {
    name: 'runs a command in a terminal',
    async run(operator) {
      await operator.exec('rm', '-f', '/tmp/ran');
      await operator.start('xfce4-terminal', ['--disable-server'], 'Terminal');
      await operator.act(
        { do: 'settle', quietMs: 200 },
        { do: 'type', text: 'echo "Ünïcode 東京 $((6 * 7))" > /tmp/ran; exit\n' },
      );
      await operator.file('/tmp/ran', 'Ünïcode 東京 42\n');
      await operator.untilGone('Terminal');
      return 'ran';
    },
    wanted: 'ran',
  },
  {
    name: 'makes a folder in the file manager',
    async run(operator) {
      await operator.exec('sh', '-c', 'rm -rf /tmp/place; mkdir /tmp/place');
      await operator.start('thunar', ['/tmp/place'], 'place');
      await operator.act({ do: 'settle', quietMs: 200 }, { do: 'key', keys: 'ctrl+shift+n' });
      await operator.window('New Folder');
      await operator.act({ do: 'key', keys: 'ctrl+a' }, { do: 'type', text: 'Ordner 東京\n' });
      await operator.untilGone('New Folder');
      await closeByKeys(operator, 'place', 'ctrl+w');
      return (await operator.exec('ls', '/tmp/place')).trim();
    },
    wanted: 'Ordner 東京',
  },
  {
    name: 'renames a file',
    async run(operator) {
      await operator.exec('sh', '-c', 'rm -rf /tmp/place; mkdir /tmp/place; touch /tmp/place/before.txt');
      await operator.start('thunar', ['/tmp/place'], 'place');
      await operator.act({ do: 'settle', quietMs: 200 }, { do: 'key', keys: 'ctrl+a' }, { do: 'key', keys: 'F2' });
      await operator.window('Rename');
      await operator.act({ do: 'key', keys: 'ctrl+a' }, { do: 'type', text: 'after.txt\n' });
      await operator.untilGone('Rename');
      await closeByKeys(operator, 'place', 'ctrl+w');
      return (await operator.exec('ls', '/tmp/place')).trim();
    },
    wanted: 'after.txt',
  },
  {
    name: 'arranges windows',
    async run(operator) {
      const { id } = await operator.start('mousepad', [], 'Untitled');
      await operator.act(
        { do: 'window', id, op: 'resize', size: { width: 500, height: 300 } },
        { do: 'window', id, op: 'move', to: [200, 150] },
      );
      const placed = await sizeOf(operator, id, ({ width, height }) => width === 500 && height === 300);
      await operator.act({ do: 'window', id, op: 'maximize' });
      const large = await sizeOf(operator, id, ({ width }) => width > 1_200);
      await operator.act({ do: 'window', id, op: 'restore' }, { do: 'window', id, op: 'close' });
      await operator.untilGone('Mousepad');
      return `${placed.width}x${placed.height}, ${large.width > 1_200 ? 'maximized' : large.width}`;
    },
    wanted: '500x300, maximized',
  },
  {
    name: 'copies from a page into a document',
    async run(operator) {
      const at = await operator.openPage('copy');
      await operator.act({ do: 'click', at: at(100, 35), count: 3 }, { do: 'key', keys: 'ctrl+c' });
      await operator.copied('Copied from a page: ✓ 東京');
      await operator.exec('rm', '-f', '/tmp/copied.txt');
      await operator.start('mousepad', [], 'Untitled');
      await operator.act({ do: 'key', keys: 'ctrl+v' }, { do: 'key', keys: 'ctrl+s' });
      await saveAs(operator, '/tmp/copied.txt');
      await closeMousepad(operator, 'copied.txt');
      return (await operator.exec('cat', '/tmp/copied.txt')).trim();
    },
    wanted: 'Copied from a page: ✓ 東京',
  },
  {
    name: 'pastes into a page what a document had',
    async run(operator) {
      await operator.exec('sh', '-c', 'printf "from a file ✗." > /tmp/source.txt');
      await operator.start('mousepad', ['/tmp/source.txt'], 'source.txt');
      await operator.act({ do: 'key', keys: 'ctrl+a' }, { do: 'key', keys: 'ctrl+c' });
      await operator.copied('from a file ✗.');
      const at = await operator.openPage('text');
      await operator.act({ do: 'click', at: at(300, 100) }, { do: 'key', keys: 'ctrl+v' });
      const outcome = decodeURIComponent(await operator.outcome('text'));
      await closeMousepad(operator, 'source.txt');
      return outcome;
    },
    wanted: 'from a file ✗.',
  },
];

async function closeMousepad(operator: Parameters<Task['run']>[0], title: string): Promise<void> {
  await closeByKeys(operator, title, 'ctrl+q');
  await operator.untilGone('Mousepad');
}

/** A window that a dialog has just gone from has the keyboard again a moment later. */
async function closeByKeys(operator: Parameters<Task['run']>[0], title: string, keys: string): Promise<void> {
  await operator.focus(title);
  await operator.act({ do: 'settle', quietMs: 150 }, { do: 'key', keys });
  await operator.untilGone(title);
}

/** In GTK's dialog, which completes paths: a Return comes when it has looked them up. */
async function saveAs(operator: Parameters<Task['run']>[0], path: string): Promise<void> {
  await operator.window('Save As');
  await operator.act({ do: 'key', keys: 'ctrl+a' }, { do: 'type', text: path }, { do: 'settle', quietMs: 200 });
  await operator.act({ do: 'key', keys: 'Return' });
  await operator.untilGone('Save As');
}

/** A window once its size is as it should be: the window manager and the program agree on it in their own time. */
function sizeOf(
  operator: Parameters<Task['run']>[0],
  id: number,
  fits: (window: DesktopWindow) => boolean,
): Promise<DesktopWindow> {
  return until(
    async () => (await operator.windows()).find((window) => window.id === id && fits(window)),
    async () => JSON.stringify(await operator.windows()),
  );
}
