import {
  guestDisplaySocket,
  guestHome,
  guestUser,
  passwordCleartextFile,
  passwordHashFile,
} from '@bhatti/wire/guest-paths.ts';
import { dirname, join } from 'node:path';
import type { Environment } from './environment.ts';

/** Where the display server keeps things, and whose they are. One record, made once, handed to whoever needs it. */
export interface DisplayPaths {
  /** Account that X, capture and encoding run as. */
  readonly user: string;
  readonly home: string;
  /** Directory of the sockets; the account and root only. */
  readonly runDir: string;
  readonly controlSocket: string;
  /** Directory that only the account can enter: X's RFB socket and its cookie file. */
  readonly privateDir: string;
  readonly xRfbSocket: string;
  readonly xServerAuth: string;
  /** The accessibility bus, and what its daemon reads at its start. */
  readonly a11yBusSocket: string;
  readonly a11yBusConfig: string;
  /** The cookie for programs of the account, and for root. */
  readonly userAuthority: string;
  readonly rootAuthority: string;
  readonly passwordFile: string;
  readonly cleartextFile: string;
  /** Certificate and key that were made for the VNC port; root's. */
  readonly vncIdentityFile: string;
  readonly yamlFile: string;
  /** What operators did, where they asked for it to be kept. The account's. */
  readonly trajectoriesDir: string;
}

/** The paths of a sandbox. A variable of its own moves each root of them, so that a second server can run beside the first. */
export function displayPaths(environment: Environment): DisplayPaths {
  const runDir = environment['BHATTI_DISPLAY_RUN_DIR'] ?? dirname(guestDisplaySocket);
  const home = environment['BHATTI_DISPLAY_HOME'] ?? guestHome;
  const rootHome = environment['BHATTI_DISPLAY_ROOT_HOME'] ?? '/root';
  const privateDir = join(runDir, 'private');
  const cleartextFile = environment['BHATTI_CLEARTEXT_FILE'] ?? passwordCleartextFile;
  return {
    user: environment['BHATTI_DISPLAY_USER'] ?? guestUser,
    home,
    runDir,
    controlSocket: join(runDir, 'control.sock'),
    privateDir,
    xRfbSocket: join(privateDir, 'rfb.sock'),
    xServerAuth: join(privateDir, 'x-authority'),
    a11yBusSocket: join(privateDir, 'a11y-bus'),
    a11yBusConfig: join(privateDir, 'a11y-bus.conf'),
    userAuthority: join(home, '.Xauthority'),
    rootAuthority: join(rootHome, '.Xauthority'),
    passwordFile: environment['BHATTI_PASSWORD_FILE'] ?? passwordHashFile,
    cleartextFile,
    vncIdentityFile: join(dirname(cleartextFile), 'tls.pem'),
    trajectoriesDir: join(home, '.local', 'share', 'bhatti', 'trajectories'),
    yamlFile: environment['BHATTI_KASMVNC_YAML'] ?? '/etc/kasmvnc/kasmvnc.yaml',
  };
}
