import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import type { Bounds, LocateReply, LocateRequest } from '@bhatti/wire/display/a11y.ts';
import { overlap, withElement } from './act.ts';
import { getBounds, getParent, getRole, getStates, rootPath, scrollTo } from './atspi.ts';
import type { BusConnection, CallGroup } from './bus/connection.ts';
import type { ElementId } from './element.ts';
import { pidOf } from './programs.ts';
import { clipsRole } from './role-table.ts';
import { hasState } from './state.ts';

const maxAncestors = 200;
const scrollAttempts = 20;
const betweenAttemptsMs = 25; // a page is scrolled within a frame or two

/**
 * Where an element is now: asked afresh, since it may have moved since the tree was read. Scrolls it into view where it is not. Throws ELEMENT_GONE when it is not there or nothing of it is on the screen, TIMED_OUT.
 */
export function locateElement(
  connection: BusConnection,
  request: LocateRequest,
  screen: { readonly width: number; readonly height: number },
): Promise<LocateReply> {
  const { ref, scroll = true, timeoutMs } = request;
  return withElement(connection, ref, timeoutMs, async (group, id) => {
    const whole = { x: 0, y: 0, ...screen };
    const pid = await pidOf(group, id.bus);
    let seen = await look(group, id, whole);
    if (seen === undefined && scroll && (await tryScroll(group, id))) {
      for (let attempt = 0; seen === undefined && attempt < scrollAttempts; attempt++) {
        await new Promise((resolve) => setTimeout(resolve, betweenAttemptsMs));
        seen = await look(group, id, whole);
      }
    }
    if (seen === undefined) {
      const message = `cannot locate element "${ref}": nothing of it is on the screen`;
      throw new CodedError('ELEMENT_GONE', message, { ref }, { hint: 'read the tree again, or scroll' });
    }
    const { bounds, visible } = seen;
    const x = Math.floor(visible.x + visible.width / 2);
    const y = Math.floor(visible.y + visible.height / 2);
    return { x, y, bounds, pid };
  });
}

/** Where it is, and which part of that can be seen: what its window and the views that it is in leave of it. Undefined when nothing can. */
async function look(
  group: CallGroup,
  id: ElementId,
  screen: Bounds,
): Promise<{ bounds: Bounds; visible: Bounds } | undefined> {
  const [bounds, states, parent] = await Promise.all([
    getBounds(group, id),
    getStates(group, id),
    getParent(group, id),
  ]);
  if (bounds === undefined || !hasState(states, 'showing')) return undefined;
  let visible = overlap(bounds, screen);
  let ancestor = parent;
  for (let i = 0; i < maxAncestors && visible !== undefined; i++) {
    if (ancestor === undefined || ancestor.bus !== id.bus || ancestor.path === rootPath) break;
    const [role, next] = await Promise.all([getRole(group, ancestor), getParent(group, ancestor)]);
    const view = clipsRole(role) ? await getBounds(group, ancestor) : undefined;
    if (view !== undefined) visible = overlap(visible, view);
    ancestor = next;
  }
  return visible === undefined ? undefined : { bounds, visible };
}

async function tryScroll(group: CallGroup, id: ElementId): Promise<boolean> {
  try {
    return await scrollTo(group, id);
  } catch (error) {
    if (hasCode(error, 'PROTOCOL_VIOLATION')) return false; // expected: not every toolkit can
    throw error;
  }
}
