import type { JobResult } from '../unit/job.ts';
import type { Unit } from '../unit/unit.ts';

/** What systemctl says of a job that did not end well; empty when it did. */
export function failureText(unit: Unit, result: JobResult): string {
  const look = `See "systemctl status ${unit.name}" and "journalctl -xeu ${unit.name}" for details.\n`;
  switch (result) {
    case 'done':
    case 'skipped':
      return '';
    case 'canceled':
      return `Job for ${unit.name} canceled.\n`;
    case 'timeout':
      return `Job for ${unit.name} timed out.\n`;
    case 'dependency':
      return `A dependency job for ${unit.name} failed. See 'journalctl -xe' for details.\n`;
    case 'invalid':
      return `${unit.name} is not active, cannot reload.\n`;
    case 'assert':
      return `Assertion failed on job for ${unit.name}.\n`;
    case 'unsupported':
      return `Operation on or unit type of ${unit.name} not supported on this system.\n`;
    case 'failed':
      if (unit.body.kind === 'trigger') return 'Job failed. See "journalctl -xe" for details.\n';
      return `Job for ${unit.name} failed${reasonOf(unit)}.\n${look}${startLimitHint(unit)}`;
  }
}

function reasonOf(unit: Unit): string {
  const result = unit.body.kind === 'service' ? unit.body.service.record.result : 'success';
  switch (result) {
    case 'resources':
      return ' because of unavailable resources or another system error';
    case 'protocol':
      return ' because the service did not take the steps required by its unit configuration';
    case 'timeout':
      return ' because a timeout was exceeded';
    case 'exit-code':
      return ' because the control process exited with error code';
    case 'signal':
      return ' because a fatal signal was delivered to the control process';
    case 'core-dump':
      return ' because a fatal signal was delivered causing the control process to dump core';
    case 'watchdog':
      return ' because the service failed to send watchdog ping';
    case 'oom-kill':
      return ' because of an out-of-memory (OOM) siutation'; // as systemd 252 spells it
    case 'start-limit-hit':
      return ' because start of the service was attempted too often';
    case 'success':
    case 'exec-condition':
      return '';
  }
}

function startLimitHint(unit: Unit): string {
  if (unit.body.kind !== 'service' || unit.body.service.record.result !== 'start-limit-hit') return '';
  return `To force a start use "systemctl reset-failed ${unit.name}"\nfollowed by "systemctl start ${unit.name}" again.\n`;
}
