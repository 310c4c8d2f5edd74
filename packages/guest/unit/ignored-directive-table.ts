/** Directives that are accepted without effect, with the reason that docs/units.md gives. */
export interface IgnoredGroup {
  readonly why: string;
  readonly names: string;
}

/**
 * What systemd 252 knows and this service manager does nothing about, by section; `systemctl show` lists those of a unit. A name that is neither here nor among the directives that work is an unknown key.
 * A directive that begins to work leaves this table.
 */
export const IGNORED_DIRECTIVES: Readonly<Record<string, readonly IgnoredGroup[]>> = {
  Unit: [
    {
      why: 'there is nothing to switch off or to boot again from inside; the sandbox is stopped from outside',
      names:
        'FailureAction SuccessAction FailureActionExitStatus SuccessActionExitStatus StartLimitAction RebootArgument JobTimeoutAction JobTimeoutRebootArgument',
    },
    {
      why: 'there are no mount units',
      names: 'RequiresMountsFor',
    },
    {
      why: 'of an older systemd',
      names: 'RequisiteOverridable',
    },
    { why: 'namespaces of one unit are not given to another', names: 'JoinsNamespaceOf' },
    { why: 'for people; `systemctl show -p SourcePath` prints it', names: 'SourcePath' },
  ],
  Service: [
    {
      why: 'cleaning takes a moment',
      names: 'TimeoutCleanSec',
    },
    {
      why: 'there is nothing to switch off or to boot again from inside',
      names: 'FailureAction StartLimitAction RebootArgument',
    },
    {
      why: 'every command has the whole environment of the unit',
      names: 'RootDirectoryStartOnly',
    },
    { why: 'a sandbox has no USB', names: 'USBFunctionDescriptors USBFunctionStrings' },
    {
      why: 'a sandbox may not mount images',
      names:
        'RootImage RootImageOptions RootHash RootHashSignature RootVerity ExtensionDirectories ExtensionImages MountImages',
    },
    {
      why: 'views of the file system are made of the mounts that are named above, and of no others',
      names: 'MountFlags ExecPaths NoExecPaths ProtectProc ProcSubset',
    },
    { why: 'what processes leave in shared memory stays until the sandbox ends', names: 'RemoveIPC' },
    {
      why: 'namespaces are made for one unit and not shared',
      names: 'NetworkNamespacePath IPCNamespacePath',
    },
    {
      why: 'the whole sandbox runs under a filter of system calls; units have none of their own',
      names:
        'SystemCallFilter SystemCallArchitectures SystemCallErrorNumber SystemCallLog MemoryDenyWriteExecute RestrictNamespaces RestrictRealtime RestrictSUIDSGID RestrictAddressFamilies RestrictFileSystems LockPersonality Personality',
    },
    { why: 'the host keeps cores, and they may not be written', names: 'CoredumpFilter' },
    {
      why: 'a sandbox has one memory node as far as it can see',
      names: 'NUMAPolicy NUMAMask AllowedMemoryNodes StartupAllowedMemoryNodes',
    },
    {
      why: 'a sandbox has no consoles, and no login records',
      names: 'TTYReset TTYVHangup TTYVTDisallocate TTYRows TTYColumns UtmpIdentifier UtmpMode',
    },
    { why: 'no PAM session is opened: the unit gets its user, groups and limits from its own file', names: 'PAMName' },
    { why: 'the sandbox’s filter of system calls leaves kernel keyrings out', names: 'KeyringMode' },
    {
      why: 'the journal keeps everything, in files that rotate by size',
      names: 'LogRateLimitIntervalSec LogRateLimitBurst LogExtraFields LogNamespace SyslogFacility',
    },
    {
      why: 'there is no key of the machine to decrypt with',
      names: 'LoadCredentialEncrypted SetCredentialEncrypted',
    },
    {
      why: 'security modules are the host’s',
      names: 'SELinuxContext AppArmorProfile SmackProcessLabel',
    },
    {
      why: 'usage is counted wherever the host lets it be',
      names: 'CPUAccounting MemoryAccounting TasksAccounting IOAccounting BlockIOAccounting IPAccounting',
    },
    {
      why: 'units are groups of `system.slice`, side by side',
      names: 'Slice DisableControllers DefaultMemoryMin DefaultMemoryLow',
    },
    {
      why: 'a sandbox is not given these controllers (cpuset, io, devices)',
      names:
        'AllowedCPUs StartupAllowedCPUs IOWeight StartupIOWeight IODeviceWeight IOReadBandwidthMax IOWriteBandwidthMax IOReadIOPSMax IOWriteIOPSMax IODeviceLatencyTargetSec BlockIOWeight StartupBlockIOWeight BlockIODeviceWeight BlockIOReadBandwidth BlockIOWriteBandwidth DeviceAllow DevicePolicy',
    },
    { why: 'weights are the same while booting', names: 'StartupCPUWeight StartupCPUShares' },
    {
      why: 'a sandbox may not load BPF programs',
      names:
        'IPAddressAllow IPAddressDeny IPIngressFilterPath IPEgressFilterPath BPFProgram SocketBindAllow SocketBindDeny RestrictNetworkInterfaces',
    },
    {
      why: 'nobody watches memory pressure',
      names: 'ManagedOOMSwap ManagedOOMMemoryPressure ManagedOOMMemoryPressureLimit ManagedOOMPreference',
    },
  ],
  Install: [],
  Timer: [{ why: 'a sandbox does not sleep', names: 'WakeSystem' }],
  Socket: [
    {
      why: 'security modules are the host’s',
      names: 'SmackLabel SmackLabelIPIn SmackLabelIPOut SELinuxContextFromNet PassSecurity',
    },
    { why: 'nothing is said about when a packet came', names: 'Timestamping' },
    { why: 'there are no message queues', names: 'MessageQueueMaxMessages MessageQueueMessageSize' },
  ],
};
