#!/bin/sh
# Brings the desktop back, and may be run as often as you like: makes credentials where there are none, puts DISPLAY back for every command, starts the X server and the desktop
# again. Anybody who may use sudo may run it.
set -eu

if [ "$(id -u)" != 0 ]; then
	exec sudo -n -- "$0" "$@"
fi

say() {
	echo "init.sh: $*"
}

if [ -s /root/.kasmpasswd ] && [ -s /root/.vnc/cleartext ]; then
	say 'credentials are there (vnc-creds prints them)'
else
	/usr/lib/bhatti/kasmvnc-firstboot
	say 'made new credentials (vnc-creds prints them)'
fi

/usr/lib/bhatti/bhatti-display-env
say 'wrote DISPLAY to /run/bhatti/env'

# Restarting the X server restarts the session that requires it; a session that had failed or was stopped is started.
systemctl reset-failed kasmvnc.service xfce-session.service
systemctl restart kasmvnc.service
say 'restarted kasmvnc'
systemctl start xfce-session.service
say 'restarted xfce-session'
