import { describe, expect, test } from 'bun:test';
import { parseXdotool } from './xdotool-args.ts';

const parse = (line: string) => parseXdotool(line.split(' '));

describe('xdotool lines that are carried out at once', () => {
  test.each([
    ['click 1', [{ do: 'click', button: 'left', count: 1 }]],
    [
      'mousemove 0 0 click 3',
      [
        { do: 'move', to: [0, 0] },
        { do: 'click', button: 'right', count: 1 },
      ],
    ],
    ['mousemove --sync 10 20', [{ do: 'move', to: [10, 20] }]],
    ['click --repeat 2 1', [{ do: 'click', button: 'left', count: 2 }]],
    ['click --repeat 5 5', [{ do: 'scroll', dx: 0, dy: 5 }]],
    ['click 4', [{ do: 'scroll', dx: 0, dy: -1 }]],
    [
      'mousedown 1 mousemove 5 5 mouseup 1',
      [
        { do: 'down', button: 'left' },
        { do: 'move', to: [5, 5] },
        { do: 'up', button: 'left' },
      ],
    ],
    [
      'key ctrl+c Return',
      [
        { do: 'key', keys: 'ctrl+c', repeat: 1 },
        { do: 'key', keys: 'Return', repeat: 1 },
      ],
    ],
    [
      'key a sleep 0.5 key b',
      [
        { do: 'key', keys: 'a', repeat: 1 },
        { do: 'wait', ms: 500 },
        { do: 'key', keys: 'b', repeat: 1 },
      ],
    ],
    [
      'keydown shift click 1 keyup shift',
      [
        { do: 'keydown', keys: 'shift' },
        { do: 'click', button: 'left', count: 1 },
        { do: 'keyup', keys: 'shift' },
      ],
    ],
    ['type --delay 5 hello', [{ do: 'type', text: 'hello', delayMs: 5 }]],
    ['type -- --x', [{ do: 'type', text: '--x', delayMs: 0 }]],
  ] as const)('%s', (line, actions) => {
    expect(parse(line)).toEqual(structuredClone(actions) as never);
  });

  test('all words after type are text', () => {
    expect(parseXdotool(['type', 'hello world', 'key', 'a'])).toEqual([
      { do: 'type', text: 'hello worldkeya', delayMs: 0 },
    ]);
  });
});

describe('lines that are xdotool’s own affair', () => {
  test.each([
    '',
    'version',
    'getmouselocation',
    'search --class chromium',
    'key --window 5 a',
    'key --clearmodifiers a',
    'mousemove --window 5 1 1',
    'mousemove restore',
    'mousemove_relative 5 5',
    'click 12',
    'click',
    'mousemove 5',
    'mousemove -- -5 5',
    'click --repeat 5000 1',
    'type --file x',
    'constructor',
    'click 1 search x',
    'key a getwindowpid 5',
  ])('%s', (line) => {
    expect(parse(line)).toBeUndefined();
  });
});
