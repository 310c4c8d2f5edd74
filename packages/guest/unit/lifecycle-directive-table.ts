import { COLLECT_MODES, JOB_MODES, SERVICE_TYPES } from './definition.ts';
import type { Directive } from './directive-table.ts';
import { boolean, integer, keyword, signal, timeout, timeoutOf } from './directive-value.ts';
import { expandSpecifiers } from './specifier.ts';

const failureModes = ['terminate', 'abort', 'kill'] as const;

/** Directives about how units come and go: jobs, time-outs, and what a service tells. */
export const LIFECYCLE_DIRECTIVES: Readonly<Record<'Unit' | 'Service', Readonly<Record<string, Directive>>>> = {
  Unit: {
    StopWhenUnneeded: (draft, value) => void (draft.jobs.stopWhenUnneeded = boolean(value)),
    AllowIsolate: (draft, value) => void (draft.jobs.allowIsolate = boolean(value)),
    IgnoreOnIsolate: (draft, value) => void (draft.jobs.ignoreOnIsolate = boolean(value)),
    OnFailureJobMode: (draft, value) => void (draft.jobs.onFailureJobMode = keyword(value, JOB_MODES, 'job mode')),
    // Its older spelling.
    OnFailureIsolate: (draft, value) => void (draft.jobs.onFailureJobMode = boolean(value) ? 'isolate' : 'replace'),
    OnSuccessJobMode: (draft, value) => void (draft.jobs.onSuccessJobMode = keyword(value, JOB_MODES, 'job mode')),
    JobTimeoutSec: (draft, value) => void (draft.jobs.timeoutMs = timeoutOf('JobTimeoutSec', value)),
    JobRunningTimeoutSec: (draft, value) => void (draft.jobs.runningTimeoutMs = timeout(value)),
    CollectMode: (draft, value) =>
      void (draft.jobs.collectMode = keyword(value, COLLECT_MODES, 'garbage collection mode')),
  },
  Service: {
    Type(draft, value) {
      draft.service.type = keyword(value, SERVICE_TYPES, 'service type');
      draft.isTypeGiven = true;
    },
    BusName: (draft, value, unit) =>
      void (draft.service.busName = value === '' ? undefined : expandSpecifiers(value, unit)),
    TimeoutAbortSec: (draft, value) => void (draft.service.timeoutAbortMs = value === '' ? undefined : timeout(value)),
    TimeoutStartFailureMode: (draft, value) =>
      void (draft.service.timeoutStartFailureMode = keyword(value, failureModes, 'timeout failure mode')),
    TimeoutStopFailureMode: (draft, value) =>
      void (draft.service.timeoutStopFailureMode = keyword(value, failureModes, 'timeout failure mode')),
    RuntimeRandomizedExtraSec: (draft, value) => void (draft.service.runtimeRandomizedExtraMs = timeoutOrNone(value)),
    WatchdogSignal: (draft, value) => void (draft.service.watchdogSignal = signal(value)),
    ExitType: (draft, value) => void (draft.service.exitType = keyword(value, ['main', 'cgroup'], 'service exit type')),
    PermissionsStartOnly: (draft, value) => void (draft.service.permissionsStartOnly = boolean(value)),
    FileDescriptorStoreMax: (draft, value) =>
      void (draft.service.fileDescriptorStoreMax = Math.min(integer(value), maxStoredFds)),
  },
};

const maxStoredFds = 128; // what is kept for units must not take the descriptors that lohar needs

function timeoutOrNone(value: string): number {
  const ms = timeout(value);
  return ms === Infinity ? 0 : ms;
}
