import { provideText } from '@bhatti/rfb/clipboard.ts';
import { ClipboardFlag } from '@bhatti/rfb/numbers.ts';
import { expect, test } from 'bun:test';
import { Clipboard, type ClipboardParty } from '../clipboard/clipboard.ts';
import { deflateClipboard } from '../clipboard/zlib-stream.ts';
import { ActionClipboard } from './action-clipboard.ts';

const never = new AbortController().signal;
const notify = { action: 'notify', formats: ClipboardFlag.text } as const;

/** The desktop's side: `requests` counts how often its text was asked for. */
function desktopWith(clipboard: Clipboard) {
  const party: ClipboardParty & { requests: number } = {
    requests: 0,
    isExtended: true,
    maxTakenBytes: 1000,
    maxGivenBytes: 1000,
    sendMessage(message) {
      if (message.action === 'request') party.requests++;
    },
    sendText() {},
  };
  clipboard.add(party);
  return party;
}

test('a text that another one replaces while it is asked for is asked for again', async () => {
  const clipboard = new Clipboard();
  const desktop = desktopWith(clipboard);
  const operator = new ActionClipboard(clipboard, async (set) => set());
  expect(await operator.get(never)).toBe('');
  clipboard.takeMessage(desktop, notify);
  const text = operator.get(never);
  clipboard.takeMessage(desktop, notify);
  expect(desktop.requests).toBe(2);
  clipboard.takeMessage(desktop, provideText('the second', deflateClipboard));
  expect(await text).toBe('the second');
});

test('what the operator copied is its own to read', async () => {
  const operator = new ActionClipboard(new Clipboard(), async (set) => set());
  await operator.set('mine', never);
  expect(await operator.get(never)).toBe('mine');
});
