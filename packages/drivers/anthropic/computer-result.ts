import type { ActionResult } from '@bhatti/wire/display/action.ts';

import { mustPicture } from '../desktop.ts';
import { imageBlock, textBlock, type ImageBlock, type TextBlock } from './blocks.ts';

/** What the model reads of an action that was carried out. */
export function resultContent(member: string, result: ActionResult): (TextBlock | ImageBlock)[] {
  if (member === 'screenshot' || member === 'zoom') return [imageBlock(mustPicture(result.picture))];
  if (member === 'cursor_position') {
    const { x, y } = cursorOf(result);
    return [textBlock(`X=${x},Y=${y}`)];
  }
  return [textBlock(`Done. ${effectText(result)}`)];
}

export function cursorOf(result: ActionResult): { x: number; y: number } {
  return { x: Math.round(result.x ?? 0), y: Math.round(result.y ?? 0) };
}

/** That nothing changed is worth knowing: a click beside a button looks like this. */
export function effectText(result: ActionResult): string {
  const effect = result.changed ? 'The screen changed' : 'Nothing on the screen changed';
  return `${effect}${result.settled === false ? ', and it has not come to rest' : ''}.`;
}
