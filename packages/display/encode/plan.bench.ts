import { measure } from '@bhatti/base/measure.ts';

import { openPlanner } from './plan.ts';
import { sampleDesktop } from './sample-desktop.ts';

// Choosing what to do with a whole screen, as for a viewer that has just come.
const area = sampleDesktop(1280, 720);
const planner = openPlanner();
console.log(JSON.stringify(measure('plan-lossy-720p', 50, () => planner.plan(area, { rgb: area }))));
console.log(JSON.stringify(measure('plan-lossless-720p', 50, () => planner.plan(area, { rgb: undefined }))));
