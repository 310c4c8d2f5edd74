#!/bin/sh
# Runs as root inside the image when its packages and files are in place.
set -eu

echo 'en_US.UTF-8 UTF-8' >/etc/locale.gen
locale-gen >/dev/null
echo 'LANG=en_US.UTF-8' >/etc/default/locale

# The account of the person and of every command: an administrator without a password, as on a computer of one's own.
groupadd --gid 1000 lohar
useradd --uid 1000 --gid 1000 --groups sudo --create-home --shell /bin/bash lohar
echo '%sudo ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/bhatti
# sudo looks up the host's own name; boot writes it to /etc/hosts, and until then no resolver is asked in vain.
echo 'Defaults !fqdn' >>/etc/sudoers.d/bhatti
chmod 0440 /etc/sudoers.d/bhatti
install -d -o lohar -g lohar -m 0755 /workspace

# The file that the host's executable is mounted on.
install -d -m 0755 /usr/lib/bhatti
: >/usr/lib/bhatti/bhatti
chmod 0755 /usr/lib/bhatti/bhatti

# A package of its own for what stands in systemd's place. dpkg then knows whose /usr/bin/systemctl is and lets no other package overwrite it; dependencies on systemd are met; and apt, which would otherwise
# take the real one along with whatever recommends it, is told never to.
package=$(mktemp -d)
install -d -m 0755 "$package" "$package/DEBIAN"
for link in $(find /usr/bin /usr/sbin -lname '../lib/bhatti/*'); do
  install -d -m 0755 "$package${link%/*}"
  mv "$link" "$package$link"
done
cat >"$package/DEBIAN/control" <<'END'
Package: bhatti-guest
Version: 252
Architecture: all
Maintainer: bhatti <root@localhost>
Section: admin
Priority: required
Protected: yes
Provides: default-logind, logind, systemd (= 252), systemd-sysv (= 252)
Conflicts: systemd, systemd-sysv
Replaces: systemd, systemd-sysv
Description: service manager of a bhatti sandbox
 systemctl, journalctl and their kin, which ask lohar. The programs themselves are one executable, mounted by the host.
END
dpkg-deb --build --root-owner-group "$package" /tmp/bhatti-guest.deb >/dev/null
dpkg --install /tmp/bhatti-guest.deb >/dev/null
rm -rf "$package" /tmp/bhatti-guest.deb
cat >/etc/apt/preferences.d/bhatti <<'END'
Package: systemd systemd-sysv
Pin: release *
Pin-Priority: -1
END

# Boot writes these; the ones of the machine that built the image are nobody's business.
: >/etc/hostname
: >/etc/resolv.conf
chmod 0644 /etc/hostname /etc/resolv.conf
# Empty, not absent: programs then take it for "not yet set" and boot fills it in.
: >/etc/machine-id
rm -f /etc/ssh/ssh_host_*

# A sandbox does not download behind its user's back.
rm -f /etc/systemd/system/timers.target.wants/apt-daily*.timer

# What the build asked of apt and dpkg is not what a person expects of them.
rm -f /etc/apt/apt.conf.d/99mmdebstrap /etc/dpkg/dpkg.cfg.d/99mmdebstrap
