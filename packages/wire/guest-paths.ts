/** Where things are inside a sandbox. The page, the scripts and three packages rely on these exact paths. */

/** The one executable, mounted read-only by the engine; images hold symbolic links to it. */
export const guestExecutable = '/usr/lib/bhatti/bhatti';
/** tmpfs directory for all run-time state of ours. root:root 0755. */
export const guestRunDir = '/run/bhatti';
/** `KEY=VALUE` lines read by exec at every call; display-env writes DISPLAY here. root 0644. */
export const guestEnvFile = '/run/bhatti/env';
/** create-time env and secrets as `KEY=VALUE` lines, for units' EnvironmentFile. root 0600. */
export const guestConfigEnvFile = '/run/bhatti/config-env';
/** Internal HTTP server of lohar (root 0600); the inherited listening socket relays to it. */
export const guestAgentSocket = '/run/bhatti/agent.sock';
/** systemctl and journalctl: reading, for everyone (0666). */
export const guestUnitReadSocket = '/run/bhatti/systemctl.sock';
/** systemctl: changing, for root and members of group sudo (0660 root:sudo). */
export const guestUnitChangeSocket = '/run/bhatti/systemctl-admin.sock';
/** Control API of the display server: lohar:lohar 0660 inside a 0750 directory, so root and lohar only. */
export const guestDisplaySocket = '/run/bhatti/display/control.sock';
/** Where syslog(3), sd_journal_send(3) and sd_journal_stream_fd(3) go to; and where the first one's datagrams are passed on to, should somebody have it open (systemd's names). */
export const journalSyslogSocket = '/run/systemd/journal/dev-log';
export const journalNativeSocket = '/run/systemd/journal/socket';
export const journalStreamSocket = '/run/systemd/journal/stdout';
export const journalForwardSocket = '/run/systemd/journal/syslog';
export const syslogPath = '/dev/log';
/** Journal files, one directory per unit. */
export const guestJournalDir = '/var/log/bhatti';

/** The account of the person and of the desktop. */
export const guestUser = 'lohar';
export const guestUid = 1000;
export const guestHome = '/home/lohar';

/** X display and the one port. */
export const guestDisplay = ':99';
export const desktopPort = 6080;

/** User name and files of the desktop's credentials. */
export const desktopUser = 'kasm_user';
export const passwordHashFile = '/root/.kasmpasswd';
export const passwordCleartextFile = '/root/.vnc/cleartext';

/** Descriptor number of the listening agent socket that the engine hands to PID 1. */
export const agentListenFd = 3;
