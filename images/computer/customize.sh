#!/bin/sh
# Runs as root inside the image when its packages and files are in place. All that a first start of the desktop would compute is computed here once.
set -eu

update-alternatives --install /usr/bin/x-www-browser x-www-browser /usr/local/bin/chromium-browser 500
update-alternatives --install /usr/bin/gnome-www-browser gnome-www-browser /usr/local/bin/chromium-browser 500
ln -sf chromium-browser /usr/local/bin/chromium

# Caches of fonts, icons, file types, image loaders and settings schemas. Without them each program scans on its own at its first start.
fc-cache -s
for theme in Adwaita hicolor elementary-xfce elementary-xfce-dark elementary-xfce-darker elementary-xfce-darkest; do
  [ ! -d "/usr/share/icons/$theme" ] || gtk-update-icon-cache --force --quiet "/usr/share/icons/$theme"
done
update-mime-database /usr/share/mime
update-desktop-database -q /usr/share/applications /usr/local/share/applications 2>/dev/null || true # only where desktop-file-utils is installed
glib-compile-schemas /usr/share/glib-2.0/schemas 2>/dev/null || true # only where the compiler is installed; packages compile theirs by triggers

# The home that every sandbox starts with.
install -d -o 1000 -g 1000 -m 0755 /home/lohar /home/lohar/.config /home/lohar/.cache /home/lohar/Desktop /home/lohar/Documents /home/lohar/Downloads /home/lohar/Pictures

# X keeps its sockets here; the directory must be root's and sticky before a user's X server starts.
install -d -m 1777 /tmp/.X11-unix /tmp/.ICE-unix

# A machine id is the sandbox's own. D-Bus reads the one that boot writes.
rm -f /etc/xdg/autostart/xscreensaver.desktop
rm -f /var/lib/dbus/machine-id
ln -s /etc/machine-id /var/lib/dbus/machine-id
: >/etc/machine-id

# The bus of the system stays off, as this tier promises, and `systemctl start dbus` switches it on: the links that would start it at boot are left out, of every later version of the package too.
cat >/etc/dpkg/dpkg.cfg.d/bhatti <<'END'
path-exclude=/lib/systemd/system/*.target.wants/dbus.*
END
rm -f /lib/systemd/system/*.target.wants/dbus.*
