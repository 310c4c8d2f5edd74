#!/bin/sh
# Puts bhatti on this host: the executable, the service where systemd runs, and the harmless twin of the guest's init.sh. Run it again after a build; `remove` takes all of it away.
set -eu
cd "$(dirname "$0")/.."

case ${1:-install} in
  install)
    [ -x dist/bhatti ] || { echo 'error: dist/bhatti is missing' >&2 && echo 'hint: npm run build' >&2 && exit 6; }
    install -m 755 dist/bhatti /usr/local/bin/bhatti
    install -D -m 755 packaging/init.sh /etc/bhatti/init.sh
    if [ -d /run/systemd/system ]; then
      install -m 644 packaging/bhatti.service /etc/systemd/system/bhatti.service
      systemctl daemon-reload
      systemctl enable --now bhatti.service
      echo 'bhatti is installed and runs; its log: journalctl -u bhatti'
    else
      echo 'bhatti is installed; start the daemon with: bhatti serve'
    fi
    ;;
  remove)
    if [ -d /run/systemd/system ] && [ -f /etc/systemd/system/bhatti.service ]; then
      systemctl disable --now bhatti.service
      rm -f /etc/systemd/system/bhatti.service
    fi
    rm -f /usr/local/bin/bhatti /etc/bhatti/init.sh
    echo 'bhatti is removed; its sandboxes and images stay in /var/lib/bhatti'
    ;;
  *)
    echo 'usage: packaging/install.sh [install|remove]' >&2
    exit 2
    ;;
esac
