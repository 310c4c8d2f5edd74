import { COLLECT_MODES, JOB_MODES } from './definition.ts';
import type { Directive } from './directive-table.ts';
import { boolean, integer, oneOf, signal, timeout } from './directive-value.ts';

const failureModes = ['terminate', 'abort', 'kill'] as const;

/** Directives about how units come and go: jobs, time-outs, and what a service tells. */
export const LIFECYCLE_DIRECTIVES: Readonly<Record<'Unit' | 'Service', Readonly<Record<string, Directive>>>> = {
  Unit: {
    StopWhenUnneeded: (draft, value) => void (draft.jobs.stopWhenUnneeded = boolean(value)),
    AllowIsolate: (draft, value) => void (draft.jobs.allowIsolate = boolean(value)),
    IgnoreOnIsolate: (draft, value) => void (draft.jobs.ignoreOnIsolate = boolean(value)),
    OnFailureJobMode: (draft, value) => void (draft.jobs.onFailureJobMode = oneOf(value, JOB_MODES)),
    // Its older spelling.
    OnFailureIsolate: (draft, value) => void (draft.jobs.onFailureJobMode = boolean(value) ? 'isolate' : 'replace'),
    OnSuccessJobMode: (draft, value) => void (draft.jobs.onSuccessJobMode = oneOf(value, JOB_MODES)),
    JobTimeoutSec: (draft, value) => void (draft.jobs.timeoutMs = timeout(value)),
    JobRunningTimeoutSec: (draft, value) => void (draft.jobs.runningTimeoutMs = timeout(value)),
    CollectMode: (draft, value) => void (draft.jobs.collectMode = oneOf(value, COLLECT_MODES)),
  },
  Service: {
    TimeoutAbortSec: (draft, value) => void (draft.service.timeoutAbortMs = value === '' ? undefined : timeout(value)),
    TimeoutStartFailureMode: (draft, value) =>
      void (draft.service.timeoutStartFailureMode = oneOf(value, failureModes)),
    TimeoutStopFailureMode: (draft, value) => void (draft.service.timeoutStopFailureMode = oneOf(value, failureModes)),
    RuntimeRandomizedExtraSec: (draft, value) => void (draft.service.runtimeRandomizedExtraMs = timeoutOrNone(value)),
    WatchdogSignal: (draft, value) => void (draft.service.watchdogSignal = signal(value)),
    ExitType: (draft, value) => void (draft.service.exitType = oneOf(value, ['main', 'cgroup'])),
    FileDescriptorStoreMax: (draft, value) =>
      void (draft.service.fileDescriptorStoreMax = Math.min(integer(value), maxStoredFds)),
  },
};

const maxStoredFds = 128; // what is kept for units must not take the descriptors that lohar needs

function timeoutOrNone(value: string): number {
  const ms = timeout(value);
  return ms === Infinity ? 0 : ms;
}
