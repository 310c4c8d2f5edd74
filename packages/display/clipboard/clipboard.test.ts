import { type ClipboardMessage, provideText, readProvidedText } from '@bhatti/rfb/clipboard.ts';
import { ClipboardFlag } from '@bhatti/rfb/numbers.ts';
import { expect, test } from 'bun:test';
import { Clipboard, type ClipboardParty } from './clipboard.ts';
import { deflateClipboard, inflateClipboard } from './zlib-stream.ts';

const notify: ClipboardMessage = { action: 'notify', formats: ClipboardFlag.text };
const request: ClipboardMessage = { action: 'request', formats: ClipboardFlag.text };

function party(isExtended: boolean, limits: { taken?: number; given?: number } = {}) {
  const heard: string[] = [];
  const made: ClipboardParty = {
    isExtended,
    maxTakenBytes: limits.taken ?? 1000,
    maxGivenBytes: limits.given ?? 1000,
    sendMessage(message) {
      heard.push(
        message.action === 'provide'
          ? `provide ${readProvidedText(message, { inflate: inflateClipboard, maxTextBytes: 5000 })}`
          : message.action === 'notify'
            ? `notify ${message.formats}`
            : message.action,
      );
    },
    sendText: (text) => heard.push(`text ${text}`),
  };
  return Object.assign(made, { heard });
}

test('text copied in the desktop is announced, and fetched once when a viewer asks', () => {
  const clipboard = new Clipboard();
  const [desktop, viewer] = [party(true), party(true)];
  clipboard.add(desktop);
  clipboard.add(viewer);
  clipboard.takeMessage(desktop, notify);
  expect(viewer.heard).toEqual(['notify 1']);
  expect(desktop.heard).toEqual([]);
  clipboard.takeMessage(viewer, request);
  expect(desktop.heard).toEqual(['request']);
  clipboard.takeMessage(desktop, provideText('hällo €\nzwei', deflateClipboard));
  expect(viewer.heard).toEqual(['notify 1', 'provide hällo €\nzwei']);
  clipboard.takeMessage(viewer, request);
  expect(desktop.heard).toEqual(['request']);
  expect(viewer.heard.at(-1)).toBe('provide hällo €\nzwei');
});

test('a viewer without the extension gets the text as soon as it is there', () => {
  const clipboard = new Clipboard();
  const [desktop, old] = [party(true), party(false)];
  clipboard.add(desktop);
  clipboard.add(old);
  clipboard.takeMessage(desktop, notify);
  expect(desktop.heard).toEqual(['request']);
  clipboard.takeMessage(desktop, provideText('abc', deflateClipboard));
  expect(old.heard).toEqual(['text abc']);
});

test('text of a viewer reaches the desktop and the other viewers, and not itself', () => {
  const clipboard = new Clipboard();
  const [desktop, one, two] = [party(true), party(false), party(true)];
  for (const each of [desktop, one, two]) clipboard.add(each);
  clipboard.takeText(one, 'x');
  expect(desktop.heard).toEqual(['notify 1']);
  expect(two.heard).toEqual(['notify 1']);
  expect(one.heard).toEqual([]);
  clipboard.takeMessage(desktop, request);
  expect(desktop.heard.at(-1)).toBe('provide x');
});

test('a viewer that comes later hears what there is', () => {
  const clipboard = new Clipboard();
  const [desktop, late] = [party(true), party(true)];
  clipboard.add(desktop);
  clipboard.takeMessage(desktop, notify);
  clipboard.add(late);
  expect(late.heard).toEqual(['notify 1']);
});

test('text above a limit is neither taken nor given', () => {
  const clipboard = new Clipboard();
  const [desktop, viewer] = [party(true), party(true, { taken: 3, given: 3 })];
  clipboard.add(desktop);
  clipboard.add(viewer);
  clipboard.takeText(viewer, 'abcd');
  expect(desktop.heard).toEqual([]);
  clipboard.takeMessage(desktop, notify);
  clipboard.takeMessage(viewer, request);
  clipboard.takeMessage(desktop, provideText('abcd', deflateClipboard));
  expect(viewer.heard).toEqual(['notify 1']);
  expect(() => clipboard.takeMessage(viewer, provideText('a'.repeat(5000), deflateClipboard))).toThrow(
    expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }),
  );
});

test('bytes that are no zlib stream are a violation', () => {
  const clipboard = new Clipboard();
  const viewer = party(true);
  clipboard.add(viewer);
  const message: ClipboardMessage = { action: 'provide', formats: 1, deflated: Uint8Array.of(1, 2, 3, 4) };
  expect(() => clipboard.takeMessage(viewer, message)).toThrow(expect.objectContaining({ code: 'PROTOCOL_VIOLATION' }));
});

test('an emptied clipboard is forgotten', () => {
  const clipboard = new Clipboard();
  const [desktop, viewer] = [party(true), party(true)];
  clipboard.add(desktop);
  clipboard.add(viewer);
  clipboard.takeMessage(desktop, notify);
  clipboard.takeMessage(desktop, { action: 'notify', formats: 0 });
  expect(viewer.heard).toEqual(['notify 1', 'notify 0']);
});
