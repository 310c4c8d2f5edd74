import { measureChromiumKey } from './chromium-key.ts';
import { measureDrag } from './drag.ts';
import { measureIdle } from './idle.ts';
import { measureKey } from './key.ts';
import { measureScroll } from './scroll.ts';
import { measureTyping } from './typing.ts';
import { measureVideo } from './video.ts';
import type { Measured, Setting, Stage, WorkloadName } from './workload.ts';

export function runWorkload(name: WorkloadName, stage: Stage, setting: Setting): Promise<Measured> {
  switch (name) {
    case 'key':
      return measureKey(stage, setting);
    case 'typing':
      return measureTyping(stage, setting);
    case 'chromium-key':
      return measureChromiumKey(stage, setting);
    case 'scroll':
      return measureScroll(stage, setting);
    case 'drag':
      return measureDrag(stage, setting);
    case 'video-30-window':
      return measureVideo(stage, setting, { framesPerSecond: 30, isFull: false });
    case 'video-60-window':
      return measureVideo(stage, setting, { framesPerSecond: 60, isFull: false });
    case 'video-30-full':
      return measureVideo(stage, setting, { framesPerSecond: 30, isFull: true });
    case 'video-60-full':
      return measureVideo(stage, setting, { framesPerSecond: 60, isFull: true });
    case 'two-viewers':
      return measureVideo(stage, setting, { framesPerSecond: 30, isFull: false, isSeenTwice: true });
    case 'idle':
      return measureIdle(stage, setting);
  }
}
