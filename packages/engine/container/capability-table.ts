/**
 * What root keeps in a sandbox, each within the sandbox's own user namespace only. The set that container tools agree upon, without MKNOD (a user namespace cannot make devices) and NET_RAW (`ping` works by
 * the sysctl ping_group_range; raw and packet sockets let a program forge its sender), with SYS_PTRACE, so that `sudo strace` and `sudo gdb` work and lohar can look at processes of other users.
 * SYS_ADMIN and NET_ADMIN are not here: most of the kernel's escapes by root of a user namespace began with one of them. What would need SYS_ADMIN at boot (host name, mounts) the engine does from outside.
 */
export const capabilities: readonly string[] = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
];
