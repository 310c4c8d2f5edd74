/** What is known of a sandbox at this moment. */
export type Observed =
  | { readonly phase: 'creating' | 'booting' | 'running' | 'paused' | 'stopping' | 'stopped' }
  | { readonly phase: 'failed'; readonly why: string };
export type Phase = Observed['phase'];

/** Phases in which a sandbox rests: no operation holds it. */
export type RestingPhase = Extract<Phase, 'running' | 'paused' | 'stopped' | 'failed'>;

/** What may be asked of a resting sandbox. */
export type Verb = 'start' | 'stop' | 'pause' | 'resume';

/** How the question is met. `stay`: it is so already. */
export type Action = 'boot' | 'thaw' | 'freeze' | 'halt' | 'stay' | 'refuse';

/** Every verb in every phase. Repeating a verb is no error: scripts are run twice. */
export const actions: Readonly<Record<RestingPhase, Readonly<Record<Verb, Action>>>> = {
  running: { start: 'stay', stop: 'halt', pause: 'freeze', resume: 'stay' },
  paused: { start: 'thaw', stop: 'halt', pause: 'stay', resume: 'thaw' },
  stopped: { start: 'boot', stop: 'stay', pause: 'refuse', resume: 'refuse' },
  failed: { start: 'boot', stop: 'halt', pause: 'refuse', resume: 'refuse' },
};

export function isResting(phase: Phase): phase is RestingPhase {
  return phase in actions;
}
