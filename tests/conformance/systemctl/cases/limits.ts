import type { CaseGroup } from '../case.ts';
import { oneshot } from '../phrases.ts';

const shows = (line: string, more: string) => oneshot(`/bin/sh -c '{ ${line}; } >>/X/out 2>&1'`, more);

/** What a process may use, and in which order it gets it. */
export const limits: CaseGroup = {
  name: 'limits',
  cases: [
    {
      id: 'limit_files',
      about: 'LimitNOFILE is soft and hard, or both at once',
      files: {
        'X_a.service': shows('ulimit -Sn; ulimit -Hn', 'LimitNOFILE=100:200'),
        'X_b.service': shows('ulimit -Sn; ulimit -Hn', 'LimitNOFILE=300'),
        'X_c.service': shows('ulimit -Sn; ulimit -Hn', 'LimitNOFILE=300\nLimitNOFILE=400:500'),
        'X_d.service': oneshot('/bin/true', 'LimitNOFILE=200:100'),
      },
      steps: [
        'for i in a b c; do systemctl start X_$i; done; cat out',
        'systemctl show -p LimitNOFILE,LimitNOFILESoft X_a X_b X_c',
        'systemctl start X_d',
      ],
    },
    {
      id: 'limit_kinds',
      about: 'limits in bytes, seconds and numbers',
      files: {
        'X_a.service': shows(
          'grep -E "core|file size|stack|processes|address|cpu time" /proc/self/limits | sed "s/  */ /g"',
          'LimitCORE=0\nLimitFSIZE=1M\nLimitSTACK=4M:8M\nLimitNPROC=500\nLimitAS=2G\nLimitCPU=1min',
        ),
      },
      steps: [
        'systemctl start X_a; cat out',
        'systemctl show -p LimitCORE,LimitFSIZE,LimitSTACK,LimitSTACKSoft,LimitNPROC,LimitAS,LimitCPU X_a',
      ],
    },
    {
      id: 'limit_scheduling',
      about: 'scheduling of processor and disks',
      files: {
        'X_a.service': shows('chrt -p $$$$ | sed "s/[0-9]*.s current/PID/"', 'CPUSchedulingPolicy=batch'),
        'X_b.service': shows('chrt -p $$$$ | sed "s/[0-9]*.s current/PID/"', 'CPUSchedulingPolicy=idle'),
        'X_c.service': shows('ionice', 'IOSchedulingClass=idle'),
        'X_d.service': shows('ionice', 'IOSchedulingClass=best-effort\nIOSchedulingPriority=6'),
      },
      steps: ['for i in a b c d; do systemctl start X_$i; done; cat out'],
    },
    {
      id: 'limit_oom',
      about: 'OOMScoreAdjust, raised',
      files: { 'X_a.service': shows('cat /proc/self/oom_score_adj', 'OOMScoreAdjust=321') },
      steps: ['systemctl start X_a; cat out', 'systemctl show -p OOMScoreAdjust X_a'],
    },
    {
      id: 'limit_privileges',
      about: 'NoNewPrivileges, and capabilities that are taken away',
      files: {
        'X_a.service': shows('grep NoNewPrivs /proc/self/status', 'NoNewPrivileges=yes'),
        'X_b.service': shows('grep NoNewPrivs /proc/self/status', ''),
        'X_c.service': shows('grep -E "CapBnd|CapEff" /proc/self/status', 'CapabilityBoundingSet=CAP_CHOWN CAP_KILL'),
        'X_d.service': shows('grep -E "CapAmb|CapEff" /proc/self/status', 'User=games\nAmbientCapabilities=CAP_CHOWN'),
      },
      steps: ['touch out; chmod 666 out; for i in a b c d; do systemctl start X_$i; done; cat out'],
    },
    {
      id: 'limit_input',
      about: 'StandardInputText is what a process reads',
      files: {
        'X_a.service': shows('cat', 'StandardInput=data\nStandardInputText=one\nStandardInputText=two \\x41'),
        'X_b.service': shows('cat', 'StandardInputData=aGVsbG8K'),
      },
      steps: ['systemctl start X_a; systemctl start X_b; cat out'],
    },
    {
      id: 'limit_tasks',
      about: 'what is set of resources is shown',
      files: {
        'X_a.service': oneshot('/bin/true', 'TasksMax=7\nMemoryMax=100M\nMemoryHigh=50M\nCPUQuota=50%\nCPUWeight=50'),
        'X_b.service': oneshot('/bin/true', 'TasksMax=infinity\nMemoryMax=infinity\nCPUQuota='),
      },
      steps: ['systemctl show -p TasksMax,MemoryMax,MemoryHigh,CPUQuotaPerSecUSec,CPUWeight X_a X_b'],
    },
  ],
};
