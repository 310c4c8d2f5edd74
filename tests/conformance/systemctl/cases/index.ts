import type { CaseGroup } from '../case.ts';
import { activation } from './activation.ts';
import { conditions } from './conditions.ts';
import { dependencies } from './dependencies.ts';
import { exec } from './exec.ts';
import { files } from './files.ts';
import { install } from './install.ts';
import { journal } from './journal.ts';
import { kill } from './kill.ts';
import { limits } from './limits.ts';
import { notify } from './notify.ts';
import { order } from './order.ts';
import { restart } from './restart.ts';
import { stop } from './stop.ts';
import { syntax } from './syntax.ts';
import { texts } from './texts.ts';
import { timeouts } from './timeouts.ts';
import { types } from './types.ts';

/** Every file of cases. */
export const GROUPS: readonly CaseGroup[] = [
  types,
  notify,
  restart,
  timeouts,
  kill,
  stop,
  exec,
  syntax,
  files,
  dependencies,
  order,
  conditions,
  install,
  texts,
  journal,
  limits,
  activation,
];
