import type { Point } from '@bhatti/wire/display/action.ts';
import type { Task } from './task.ts';

const scripts = 'Grüße, 你好世界, مرحبا بالعالم, नमस्ते दुनिया, Привет мир, 😀🎉👩‍💻.';

/** Tasks in Chromium. Coordinates are places of the page (page.html). */
export const browserTasks: readonly Task[] = [
  {
    name: 'fills in a form with mouse and keyboard',
    async run(operator) {
      const at = await operator.openPage('form');
      await operator.act(
        { do: 'click', at: at(100, 35) },
        { do: 'type', text: 'Ada Lovelace' },
        { do: 'click', at: at(100, 85) },
        { do: 'type', text: 'ada@example.org' },
        { do: 'key', keys: 'Tab' },
        { do: 'type', text: 'blue' },
        { do: 'click', at: at(55, 185) },
        { do: 'click', at: at(100, 240) },
      );
      return operator.outcome('form');
    },
    wanted: 'Ada Lovelace|ada@example.org|blue|true',
  },
  {
    name: 'chooses from a list that opens',
    async run(operator) {
      const at = await operator.openPage('dropdown');
      await operator.act(
        { do: 'click', at: at(100, 135) },
        { do: 'key', keys: 'Down', repeat: 2 },
        { do: 'key', keys: 'Return' },
      );
      return operator.outcome('dropdown');
    },
    wanted: 'three',
  },
  {
    name: 'scrolls until nothing moves any more, and clicks what is there',
    async run(operator) {
      const at = await operator.openPage('scroll');
      await operator.scrollToEnd({ at: at(300, 200), dy: 10 });
      // The button's middle is 100 pixels above the page's end.
      const height = await viewHeight(operator, at);
      await operator.act({ do: 'click', at: at(100, height - 100) });
      return operator.outcome('scroll');
    },
    wanted: 'true',
  },
  {
    name: 'scrolls sideways',
    async run(operator) {
      const at = await operator.openPage('sideways');
      await operator.scrollToEnd({ at: at(300, 200), dx: 10 });
      const width = (await operator.window('sideways ready')).width;
      await operator.act({ do: 'click', at: at(width - 100, 240) });
      return operator.outcome('sideways');
    },
    wanted: 'true',
  },
  {
    name: 'drags a box and drops it in a zone',
    async run(operator) {
      const at = await operator.openPage('drop');
      await operator.act({ do: 'drag', path: [at(100, 80), at(250, 120), at(500, 120)] });
      return operator.outcome('drop');
    },
    wanted: 'the box',
  },
  {
    name: 'moves a slider to its end',
    async run(operator) {
      const at = await operator.openPage('slider');
      await operator.act({ do: 'drag', path: [at(50, 36), at(338, 36)] });
      return operator.outcome('slider');
    },
    wanted: '100',
  },
  {
    name: 'replaces a word that a double click selects',
    async run(operator) {
      const at = await operator.openPage('word');
      // A letter is 12 pixels wide: the middle of the second word.
      await operator.act({ do: 'click', at: at(40 + 3 + 8 * 12, 34), count: 2 }, { do: 'type', text: 'right' });
      return operator.outcome('word');
    },
    wanted: 'hello right world',
  },
  {
    name: 'clicks with the right button',
    async run(operator) {
      const at = await operator.openPage('menu');
      await operator.act({ do: 'click', at: at(100, 80), button: 'right' });
      return operator.outcome('menu');
    },
    wanted: 'button 2',
  },
  {
    name: 'types five scripts and emoji',
    async run(operator) {
      const at = await operator.openPage('text');
      await operator.act({ do: 'click', at: at(300, 100) }, { do: 'type', text: scripts });
      return decodeURIComponent(await operator.outcome('text'));
    },
    wanted: scripts,
  },
  {
    name: 'types with dead keys',
    async run(operator) {
      const at = await operator.openPage('text');
      await operator.act(
        { do: 'click', at: at(300, 100) },
        { do: 'key', keys: 'dead_acute' },
        { do: 'key', keys: 'e' },
        { do: 'key', keys: 'dead_circumflex' },
        { do: 'key', keys: 'o' },
        { do: 'key', keys: 'dead_diaeresis' },
        { do: 'key', keys: 'i' },
        { do: 'key', keys: '.' },
      );
      return decodeURIComponent(await operator.outcome('text'));
    },
    wanted: 'éôï.',
  },
  {
    name: 'goes through a form by keyboard alone',
    async run(operator) {
      await operator.openPage('keys');
      await operator.act(
        { do: 'key', keys: 'Tab' },
        { do: 'type', text: 'first' },
        { do: 'key', keys: 'Tab' },
        { do: 'type', text: 'second\t' },
        { do: 'key', keys: 'space' },
      );
      return operator.outcome('keys');
    },
    wanted: 'first|second',
  },
  {
    name: 'draws a line along a path',
    async run(operator) {
      const at = await operator.openPage('sketch');
      await operator.act({ do: 'drag', path: [at(100, 100), at(300, 100), at(300, 200), at(500, 200)] });
      const length = Number(await operator.outcome('sketch'));
      return length > 480 && length < 510 ? 'drawn' : `${length} pixels`;
    },
    wanted: 'drawn',
  },
  {
    name: 'opens a tab, goes somewhere, and closes it',
    async run(operator) {
      await operator.openPage('copy');
      await operator.act(
        { do: 'key', keys: 'ctrl+t' },
        { do: 'waitWindow', title: 'New Tab' },
        { do: 'settle', quietMs: 200 },
        { do: 'key', keys: 'ctrl+l' },
        { do: 'type', text: 'file:///tmp/tasks.html#menu\n' },
      );
      await operator.window('menu ready');
      await operator.act({ do: 'key', keys: 'ctrl+w' });
      await operator.untilGone('menu ready');
      return (await operator.windows()).some(({ title }) => title.includes('copy ready')) ? 'back' : 'lost';
    },
    wanted: 'back',
  },
];

/** How many pixels of the page are seen: to the panel, or the window's end. */
async function viewHeight(operator: Parameters<Task['run']>[0], at: (x: number, y: number) => Point): Promise<number> {
  const window = await operator.window('Chromium');
  return window.y + window.height - at(0, 0)[1];
}
