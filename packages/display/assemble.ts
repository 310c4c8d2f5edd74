// The streaming process, wired: X → source → stage → viewer sessions → one port. Disposal is the reverse of what stands here.
import { IdleRest } from '@bhatti/base/idle-rest.ts';
import { CodedError, describe } from '@bhatti/base/errors.ts';
import { randomHex, type ViewerSessionId } from '@bhatti/base/ids.ts';
import type { ServerMessage } from '@bhatti/rfb/server-message.ts';
import { releaseIdleMemory } from '@bhatti/sys/idle-memory.ts';
import type { TlsIdentity } from '@bhatti/sys/native/tls-identity.ts';
import { ActionClipboard } from './action/action-clipboard.ts';
import { ActionSessions } from './action/action-sessions.ts';
import { ActionEngine } from './action/engine.ts';
import { ScreenRest } from './action/screen-rest.ts';
import { A11yTree } from './a11y/a11y-tree.ts';
import { BusPresence } from './a11y/bus-presence.ts';
import { Clipboard } from './clipboard/clipboard.ts';
import { SelectionReader } from './clipboard/selection-reader.ts';
import { SelectionWatch } from './clipboard/selection-watch.ts';
import { xClipboardParty } from './clipboard/x-clipboard.ts';
import type { DisplayPaths } from './config/paths.ts';
import { readSettings, type Settings, type SettingsSource } from './config/settings.ts';
import { type Credential, credentialNow } from './credentials/password-file.ts';
import { CursorWatch } from './cursor/cursor-watch.ts';
import { openDesktop } from './desktop/desktop.ts';
import { openActiveProgram } from './desktop/active-program.ts';
import { FrameEncoder } from './encode/frame-encoder.ts';
import { openEncodePool } from './encode/pool.ts';
import { HeldInput } from './input/held-input.ts';
import { openXInput } from './input/x-input.ts';
import { InputLease } from './lease/input-lease.ts';
import { LeasePages } from './lease/lease-pages.ts';
import { realClock } from './lease/real-clock.ts';
import { resizeTo } from './resize/resize-to.ts';
import { Resizer } from './resize/resizer.ts';
import { ScreenSource } from './source/screen-source.ts';
import { openXConnection } from './source/x-connection.ts';
import { listenControl, listenDesktop } from './transport/desktop-server.ts';
import { LoginGate } from './transport/login-gate.ts';
import { openPage, openTrajectoryPage } from './transport/page.ts';
import { Recorder, tryPicture } from './trajectory/recorder.ts';
import { TrajectoryFiles } from './trajectory/trajectory-files.ts';
import { listenVnc } from './transport/vnc-port.ts';
import { FrameClock } from './update/frame-clock.ts';
import { DesktopStage } from './viewer-session/desktop-stage.ts';
import { ViewerList } from './viewer-session/viewer-list.ts';
import { type ViewerArrival, ViewerSession } from './viewer-session/viewer-session.ts';
import { openXRfb } from './x-rfb/x-rfb-connection.ts';

export interface StreamingOptions {
  readonly settings: Settings;
  readonly settingsSource: SettingsSource;
  readonly paths: DisplayPaths;
  readonly cookie: Uint8Array;
  readonly credentials: readonly Credential[];
  /** Undefined where the port for VNC programs is off. */
  readonly tlsIdentity: TlsIdentity | undefined;
}

export interface Streaming extends AsyncDisposable {
  readonly port: number;
  setCredentials(credentials: readonly Credential[]): void;
  /** Resolves when the X server is gone. */
  readonly lost: Promise<void>;
}

const threadEndMs = 500; // seen: some 100
const restAfterMs = 15_000; // agents take screenshots every few seconds, and find the workers still there

export async function assembleStreaming(options: StreamingOptions): Promise<Streaming> {
  const { settings, paths } = options;
  await using stack = new AsyncDisposableStack();
  const x = stack.use(await openXConnection({ display: settings.display, cookie: options.cookie }));
  const xRfb = stack.use(await openXRfb(paths.xRfbSocket, { maxCutTextBytes: settings.maxSentClipboardBytes + 1024 }));
  const pool = stack.use(openEncodePool({ threads: settings.threads }));
  const encoder = new FrameEncoder(pool);
  const viewers = new ViewerList();
  // As kasmvnc.yaml was when the last viewer connected.
  let live = settings;
  // Both need the source, and the source may speak before they exist; then it says nothing that they would not see when they are made.
  let clock: FrameClock | undefined;
  let resizer: Resizer | undefined;
  let rest: ScreenRest | undefined;

  const source = stack.use(
    await ScreenSource.open(x, {
      onDamaged() {
        clock?.poke();
        rest?.noteDamage();
      },
      onFrame(frame, change) {
        encoder.noteFrame(frame, change);
        viewers.noteChange(change);
      },
      onResized: (shape) => resizer?.takeFramebuffer(shape),
      onSegments(added, retired) {
        for (const segment of added) pool.attach(segment);
        for (const segment of retired) pool.detach(segment.id);
      },
    }),
  );
  const frameClock = new FrameClock(
    {
      get isDamaged() {
        return source.isDamaged;
      },
      capture: () => source.capture(),
    },
    { intervalMs: () => 1000 / live.frameRate, isWanted: () => viewers.wantsFrame },
  );
  clock = frameClock;
  stack.defer(() => frameClock.stop());

  const sizes = new Resizer(source.shape, (layout) => xRfb.send({ type: 'setDesktopSize', ...layout }));
  resizer = sizes;
  const cursor = new CursorWatch(x, () => viewers.pumpAll());
  const input = new HeldInput(openXInput(x, xRfb));
  const clipboard = new Clipboard();
  const xClipboard = xClipboardParty(xRfb, settings);
  clipboard.add(xClipboard);
  let leds = 0;
  const stage = new DesktopStage({
    name: settings.desktopName,
    source,
    encoder,
    resizer: sizes,
    cursor,
    leds: () => leds,
    clock: frameClock,
  });
  const desktop = stack.use(
    await openDesktop({
      x,
      source,
      pool,
      cursor,
      viewerCount: () => viewers.sessions.size,
      beforePicture() {
        lease.checkScreen();
        idle.touch();
      },
    }),
  );
  stack.use(new BusPresence(x, paths.a11yBusSocket));
  const activeProgram = await openActiveProgram(x);
  const a11y = stack.use(
    new A11yTree({
      command: { path: process.execPath, argv0: 'Xkasmvnc', args: ['--a11y'] },
      async context() {
        const { width, height } = source.shape;
        const activePid = await activeProgram();
        return { screen: { width, height }, ...(activePid === undefined ? {} : { activePid }) };
      },
    }),
  );
  const lease = stack.use(
    new InputLease({
      clock: realClock,
      quietMs: () => live.inputQuietMs,
      letGo() {
        actions.releaseAll();
        return input.releaseAll();
      },
      agentHoldsDown: () => actions.holdsDown,
      onChange: () => leasePages.tellAll(),
    }),
  );
  const leasePages = new LeasePages({
    lease,
    viewerOf(token, user) {
      const session = viewers.ofPage(token, user);
      return session?.mayWrite === true ? { id: session.identity.id, user } : undefined;
    },
  });
  const screenRest = new ScreenRest({
    capture: () => source.capture(),
    get serial() {
      return source.current?.serial ?? 0;
    },
    get isDamaged() {
      return source.isDamaged;
    },
  });
  rest = screenRest;
  const files = new TrajectoryFiles(paths.trajectoriesDir);
  const recorder = new Recorder(files, () => tryPicture(desktop));
  const actions = new ActionEngine({
    x,
    desktop,
    rest: screenRest,
    a11y,
    lease,
    clipboard: new ActionClipboard(clipboard, {
      watch: await SelectionWatch.open(x),
      reader: await SelectionReader.open(x),
      maxTextBytes: settings.maxAcceptedClipboardBytes,
    }),
    async freshSerial() {
      await source.capture();
      return source.current?.serial ?? 0;
    },
    onBatch: (batch, reply) => recorder.note(batch, reply),
    resize: (size) => resizeTo(sizes, size),
  });
  const trajectories = { engine: actions, files, recorder };
  xRfb.start((message: ServerMessage) => {
    if (message.type === 'extendedDesktopSize') sizes.takeAnswer(message);
    else if (message.type === 'extendedClipboard') clipboard.takeMessage(xClipboard, message.clipboard);
    else if (message.type === 'serverCutText') clipboard.takeText(xClipboard, message.text);
    else if (message.type === 'ledState') {
      leds = message.leds;
      viewers.pumpAll();
    } else if (message.type === 'bell') viewers.bellAll();
  });

  const login = new LoginGate(settings);
  login.setCredentials(options.credentials);
  const actionSessions = new ActionSessions(() => login.credentials);
  const admitViewer = async ({ begin, ...arrival }: ViewerArrival) => {
    pool.prepare();
    // kasmvnc.yaml is read again, so that an edit takes effect with a reconnect.
    const current = await currentSettings(options);
    live = current;
    // SAFETY: this is the one place that makes ids of this brand.
    const id = randomHex(8) as ViewerSessionId;
    return new ViewerSession(
      { ...arrival, id, connectedAt: new Date() },
      {
        stage,
        input,
        lease,
        clipboard,
        resizer: sizes,
        settings: current,
        begin,
        onAdmit(session, shared) {
          // The password file may have changed since the login.
          const now = credentialNow(arrival.credential, login.credentials);
          if (now === undefined) throw new CodedError('UNAUTHENTICATED', 'the credentials have changed', {});
          session.setRights(now.rights);
          viewers.admit(session, shared, current);
          idle.touch();
        },
        onGone: (session) => viewers.remove(session),
      },
    );
  };
  stack.use(listenControl({ path: paths.controlSocket, umask: 0o117 }, { desktop, actions, trajectories, lease }));
  // Before the other port, which says that the desktop is ready.
  if (settings.vnc !== undefined && options.tlsIdentity !== undefined) {
    stack.use(await listenVnc({ listen: settings.vnc, identity: options.tlsIdentity, login, admitViewer }));
  }
  const server = stack.use(
    listenDesktop({
      listen: { host: settings.interface, port: settings.port },
      login,
      needsPassword: settings.needsPassword,
      page: openPage(),
      headers: settings.headers,
      actions,
      actionSessions,
      trajectories,
      trajectoryPage: openTrajectoryPage(),
      lease,
      leasePages,
      kasm: {
        desktop,
        credentials: () => login.credentials,
        viewers: () => [...viewers.sessions].map(({ identity }) => identity),
        resendAll: () => viewers.resendAll(),
      },
      admitViewer,
    }),
  );
  const idle = stack.use(
    new IdleRest({
      afterMs: restAfterMs,
      isBusy: () => viewers.sessions.size > 0,
      // What the threads held can be given back once they have ended, which takes the runtime a moment longer than it says.
      rest: () => void pool.rest().then(() => setTimeout(releaseIdleMemory, threadEndMs)),
    }),
  );
  stack.defer(() => viewers.closeAll('the desktop server is stopping'));

  const owned = stack.move();
  return {
    port: server.port,
    setCredentials(credentials) {
      login.setCredentials(credentials);
      viewers.applyCredentials(credentials);
      actionSessions.check();
      leasePages.applyCredentials(credentials);
    },
    lost: Promise.race([x.closed, xRfb.closed]),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function currentSettings({ settings, settingsSource }: StreamingOptions): Promise<Settings> {
  try {
    return await readSettings(settingsSource);
  } catch (error) {
    // A broken file must not lock everybody out of the desktop in which it would be mended.
    console.error(`error: ${describe(error)}; the settings of the start stay in force`);
    return settings;
  }
}
