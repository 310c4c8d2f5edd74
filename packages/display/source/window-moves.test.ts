import { expect, test } from 'bun:test';
import { WindowMoves } from './window-moves.ts';

function captured(moves: WindowMoves) {
  moves.mark();
  return moves.take();
}

test('tells by how far a window went since the last frame, however many steps it took', () => {
  const moves = new WindowMoves();
  moves.note(7, { x: 10, y: 10 });
  expect(captured(moves)).toEqual([]);
  moves.note(7, { x: 12, y: 10 });
  moves.note(7, { x: 15, y: 18 });
  expect(captured(moves)).toEqual([{ dx: 5, dy: 8 }]);
});

test('tells the distances of the frame before once more, after the new ones', () => {
  const moves = new WindowMoves();
  for (const x of [0, 5, 12]) {
    moves.note(7, { x, y: 0 });
    captured(moves);
  }
  moves.note(7, { x: 13, y: 1 });
  expect(captured(moves)).toEqual([
    { dx: 1, dy: 1 },
    { dx: 7, dy: 0 },
  ]);
  expect(captured(moves)).toEqual([{ dx: 1, dy: 1 }]);
  expect(captured(moves)).toEqual([]);
});

test('tells each distance once, of at most three windows, and nothing of those that stay or are gone', () => {
  const moves = new WindowMoves();
  const place = (window: number, x: number) => moves.note(window, { x, y: 0 });
  for (let window = 1; window <= 9; window++) place(window, 0);
  captured(moves);
  for (let window = 1; window <= 9; window++) place(window, window < 3 ? 4 : window === 3 ? 0 : window);
  moves.forget(4);
  expect(captured(moves).map(({ dx }) => dx)).toEqual([4, 5, 6]);
});

test('knows a frame by where windows were when it was captured, and not by what was heard since', () => {
  const moves = new WindowMoves();
  moves.note(7, { x: 0, y: 0 });
  captured(moves);
  moves.note(7, { x: 6, y: 0 });
  moves.mark();
  moves.note(7, { x: 60, y: 0 });
  expect(moves.take()).toEqual([{ dx: 6, dy: 0 }]);
  expect(captured(moves)[0]).toEqual({ dx: 54, dy: 0 });
});
