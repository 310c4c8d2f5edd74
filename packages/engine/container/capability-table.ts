/**
 * What root keeps in a sandbox, each within the sandbox's own user namespace only. The set that container tools agree upon, without MKNOD (a user namespace cannot make devices), with SYS_PTRACE, so that
 * `sudo strace` and `sudo gdb` work and lohar can look at processes of other users. NET_RAW is here for ping, traceroute and mtr, which carry it as a file capability and would not even start without
 * it; the bridge drops what is sent under a foreign address, and seccomp refuses packet sockets. SYS_ADMIN and NET_ADMIN are not here: most of the kernel's escapes by root of
 * a user namespace began with one of them. What would need SYS_ADMIN at boot (host name, mounts) the engine does from outside.
 */
export const capabilities: readonly string[] = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
];
