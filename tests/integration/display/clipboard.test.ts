import { clipboardCaps, type ClipboardMessage, provideText, readProvidedText } from '@bhatti/rfb/clipboard.ts';
import { Encoding, PseudoEncoding } from '@bhatti/rfb/numbers.ts';
import { deflateClipboard, inflateClipboard } from '@bhatti/display/clipboard/zlib-stream.ts';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { titled } from '../../support/capability.ts';
import { TestDisplay, whyNoDisplay } from '../../support/display-server.ts';
import { RfbViewer } from '../../support/rfb-viewer.ts';
import { until } from '../../support/until.ts';

const why = whyNoDisplay('xclip');
const text = 'Grüße, 世界 🎉\nzweite Zeile\n';

describe.skipIf(why !== undefined)(titled('clipboard', why), () => {
  let display: TestDisplay;
  beforeAll(async () => {
    display = await TestDisplay.start({ flags: ['-DLP_ClipAcceptMax', '100000', '-DLP_ClipSendMax', '100000'] });
  });
  afterAll(async () => {
    await display?.[Symbol.asyncDispose]();
  });

  const copyInDesktop = (copied: string) =>
    display.spawn(['xclip', '-selection', 'clipboard', '-in', '-quiet'], { stdin: copied });
  const pasteInDesktop = async (selection = 'clipboard') => {
    try {
      return await display.run('xclip', '-selection', selection, '-out');
    } catch {
      return undefined; // expected: nobody has the selection yet
    }
  };
  const messages = (viewer: RfbViewer) => viewer.heard('extendedClipboard').map(({ clipboard }) => clipboard);
  const provided = (viewer: RfbViewer) =>
    messages(viewer)
      .filter((message) => message.action === 'provide')
      .map((message) => readProvidedText(message, { inflate: inflateClipboard, maxTextBytes: 1 << 20 }));
  const say = (viewer: RfbViewer, clipboard: ClipboardMessage) => viewer.send({ type: 'extendedClipboard', clipboard });

  test('text copied in the desktop reaches a viewer that asks for it, in any script', async () => {
    using viewer = await RfbViewer.open(display);
    say(viewer, clipboardCaps(0));
    const xclip = copyInDesktop(text);
    await until(() => messages(viewer).some(({ action }) => action === 'notify'));
    say(viewer, { action: 'request', formats: 1 });
    await until(
      () => provided(viewer).includes(text),
      () => JSON.stringify(messages(viewer)),
    );
    xclip.kill();
  });

  test('text of a viewer is pasted in the desktop, and reaches the other viewers', async () => {
    using viewer = await RfbViewer.open(display);
    using other = await RfbViewer.open(display);
    await until(() => messages(viewer).length > 0 && messages(other).length > 0);
    // As noVNC does: announce, and provide when asked.
    say(viewer, { action: 'notify', formats: 1 });
    const answering = (async () => {
      await until(() => messages(viewer).some(({ action }) => action === 'request'));
      say(viewer, provideText(text, deflateClipboard));
    })();
    await until(async () => (await pasteInDesktop()) === text);
    await until(async () => (await pasteInDesktop('primary')) === text);
    await answering;
    await until(() => messages(other).some(({ action }) => action === 'notify'));
    say(other, { action: 'request', formats: 1 });
    await until(() => provided(other).includes(text));
  });

  test('viewers without the extension get and give Latin-1', async () => {
    using old = await RfbViewer.open(display, { encodings: [Encoding.raw] });
    const xclip = copyInDesktop('Grüße');
    await until(() => old.heard('serverCutText').some((message) => message.text === 'Grüße'));
    old.send({ type: 'clientCutText', text: 'zurück ¡olé!' });
    await until(async () => (await pasteInDesktop()) === 'zurück ¡olé!');
    xclip.kill();
  });

  test('text above the limit goes nowhere, and the viewer stays', async () => {
    using old = await RfbViewer.open(display, { encodings: [Encoding.raw, PseudoEncoding.jpegQualityLevel0] });
    old.send({ type: 'clientCutText', text: 'short' });
    await until(async () => (await pasteInDesktop()) === 'short');
    old.send({ type: 'clientCutText', text: 'x'.repeat(300_000) });
    const { updates } = old;
    old.requestAll(false);
    await until(() => old.updates > updates);
    expect(await pasteInDesktop()).toBe('short');
  });
});
