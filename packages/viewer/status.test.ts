import { describe, expect, test } from 'bun:test';
import { describeStatus } from './status.ts';

const context = { hadDesktop: true, nowMs: 1_000 };

describe('what the page says', () => {
  test('nothing while the desktop is there', () => {
    expect(describeStatus({ phase: 'connected' }, context).title).toBe('');
  });

  test('connecting at first, reconnecting later', () => {
    expect(describeStatus({ phase: 'connecting' }, { ...context, hadDesktop: false }).title).toBe('Connecting…');
    expect(describeStatus({ phase: 'connecting' }, context).title).toBe('Reconnecting…');
  });

  test('when it tries again, in whole seconds, and lets a person try at once', () => {
    const text = describeStatus({ phase: 'waiting', cause: 'restarting', retryAtMs: 5_100 }, context);
    expect(text).toEqual({
      title: 'The desktop is restarting',
      detail: 'Trying again in 4 seconds',
      action: 'retry',
      isBusy: true,
    });
    expect(describeStatus({ phase: 'waiting', cause: 'unreachable', retryAtMs: 900 }, context).detail).toBe(
      'Trying again',
    );
  });

  test('that a changed password needs signing in again', () => {
    expect(describeStatus({ phase: 'signed-out' }, context).action).toBe('sign-in');
  });

  test('the words that the server closed with', () => {
    const text = describeStatus({ phase: 'ended', reason: 'another viewer took over' }, context);
    expect(text).toMatchObject({ title: 'Disconnected', detail: 'another viewer took over', action: 'retry' });
  });
});
