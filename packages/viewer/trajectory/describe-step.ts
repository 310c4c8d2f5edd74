import type { Action } from '@bhatti/wire/display/action.ts';
import type { TrajectoryStep } from '@bhatti/wire/display/trajectory.ts';

const maxTextLength = 60;

/** A step in words: what was asked, and how it went. */
export function describeStep({ batch, reply, redacted }: TrajectoryStep): {
  readonly what: string;
  readonly outcome: string;
} {
  const what = batch.actions.map((action) => describeAction(action, redacted === true)).join(', ');
  const error = reply.results.find((result) => result.error !== undefined)?.error;
  if (error !== undefined) return { what, outcome: `${error.code}: ${error.message}` };
  const changed = reply.results.some((result) => result.changed);
  return { what, outcome: `${changed ? 'the screen changed' : 'nothing changed'}, ${Math.round(reply.ms)} ms` };
}

function describeAction(action: Action, isRedacted: boolean): string {
  switch (action.do) {
    case 'click':
      return `${['', '', 'double ', 'triple '][action.count ?? 1] ?? ''}${action.button ?? 'left'} click${placed(action.at)}${action.ref === undefined ? '' : ` ${action.ref}`}`;
    case 'move':
      return `move${placed(action.to)}`;
    case 'drag':
      return `drag${placed(action.path[0])} to${placed(action.path.at(-1))}`;
    case 'scroll':
      return `scroll ${action.dx ?? 0}, ${action.dy ?? 0}${placed(action.at)}`;
    case 'type':
      return isRedacted && action.sensitive === true ? 'type something secret' : `type “${cut(action.text)}”`;
    case 'key':
    case 'keydown':
    case 'keyup':
    case 'hold':
      return `${action.do} ${action.keys}`;
    case 'launch':
      return `launch ${[action.app, ...(action.args ?? [])].map(cut).join(' ')}`;
    case 'open':
      return `open ${cut(action.target)}`;
    case 'waitWindow':
      return `wait for “${cut(action.title)}”`;
    case 'find':
      return `find ${[action.role, action.name].filter((word) => word !== undefined).join(' ')}`;
    case 'invoke':
    case 'focus':
      return `${action.do} ${action.ref}`;
    case 'set':
      return `set ${action.ref} to “${cut(String(action.value))}”`;
    case 'tree':
    case 'screenshot':
    case 'zoom':
    case 'down':
    case 'up':
    case 'wait':
    case 'settle':
    case 'waitChange':
    case 'cursor':
    case 'size':
    case 'windows':
    case 'window':
    case 'copied':
    case 'copy':
    case 'resize':
      return action.do;
  }
}

function placed(point: readonly [number, number] | undefined): string {
  return point === undefined ? '' : ` ${Math.round(point[0])}, ${Math.round(point[1])}`;
}

function cut(text: string): string {
  const line = text.replaceAll('\n', '⏎');
  return line.length > maxTextLength ? `${line.slice(0, maxTextLength)}…` : line;
}
