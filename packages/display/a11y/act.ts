import { CodedError, hasCode } from '@bhatti/base/errors.ts';
import type { Bounds, ElementDone, FocusRequest, InvokeRequest, SetValueRequest } from '@bhatti/wire/display/a11y.ts';
import {
  doAction,
  getActions,
  getInterfaces,
  getStates,
  grabFocus,
  interfaces,
  isAllSelected,
  selectAll,
  setText,
  setValue as setNumber,
} from './atspi.ts';
import type { BusConnection, CallGroup } from './bus/connection.ts';
import { type ElementId, parseRef } from './element.ts';
import { hasState } from './state.ts';
import { cleanName } from './text.ts';

const actTimeoutMs = 2_000;
const maxAttempts = 20;
const betweenAttemptsMs = 20;

/** Gives an element the keyboard. Throws ELEMENT_GONE, INVALID_ARGUMENT when it takes none, TIMED_OUT. */
export function focusElement(connection: BusConnection, { ref, timeoutMs }: FocusRequest): Promise<ElementDone> {
  return withElement(connection, ref, timeoutMs, async (group, id) => {
    if (!(await grabFocus(group, id))) throw unable(ref, 'focus', 'it does not take the keyboard');
    return { ref };
  });
}

/** Does what a click on an element does, or another of its actions. Throws as `focusElement`. */
export function invokeElement(connection: BusConnection, request: InvokeRequest): Promise<ElementDone> {
  const { ref, action, timeoutMs } = request;
  return withElement(connection, ref, timeoutMs, async (group, id) => {
    const own = await getInterfaces(group, id);
    const names = own.includes(interfaces.action) ? await getActions(group, id) : [];
    const index = action === undefined ? 0 : names.findIndex((name) => name.toLowerCase() === action.toLowerCase());
    const name = names[index];
    if (name === undefined) {
      const there = names.map((one) => `"${cleanName(one, 40)}"`).join(', ');
      const wanted = action === undefined ? 'it has no action' : `it has no action "${action}"`;
      throw unable(ref, 'invoke', there === '' ? wanted : `${wanted}, only ${there}`);
    }
    if (!(await doAction(group, id, index))) throw unable(ref, 'invoke', 'it refused');
    return { ref, action: cleanName(name, 100) };
  });
}

/** Puts a text or a number into an element. Throws as `focusElement`. */
export function setElementValue(connection: BusConnection, request: SetValueRequest): Promise<ElementDone> {
  const { ref, value, timeoutMs } = request;
  return withElement(connection, ref, timeoutMs, async (group, id) => {
    const own = await getInterfaces(group, id);
    const number = typeof value === 'number' ? value : Number(value.trim() === '' ? NaN : value);
    if (own.includes(interfaces.value) && !Number.isNaN(number)) {
      await setNumber(group, id, number);
      return { ref };
    }
    if (!own.includes(interfaces.editableText)) return prepareTyping(group, id, ref);
    if (!(await setText(group, id, String(value)))) throw unable(ref, 'set', 'it refused');
    return { ref };
  });
}

/** Browsers let nobody put text into a page but the keyboard. */
async function prepareTyping(group: CallGroup, id: ElementId, ref: string): Promise<ElementDone> {
  if (!hasState(await getStates(group, id), 'editable')) throw unable(ref, 'set', 'it holds no value that can be set');
  if (!(await grabFocus(group, id))) throw unable(ref, 'set', 'it does not take the keyboard');
  // Both are done some time after they were accepted, and keys that come earlier go elsewhere.
  await untilTrue(async () => hasState(await getStates(group, id), 'focused'));
  if (await selectAll(group, id)) await untilTrue(() => isAllSelected(group, id));
  return { ref, mustType: true };
}

async function untilTrue(isSo: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < maxAttempts && !(await isSo()); attempt++)
    await new Promise((resolve) => setTimeout(resolve, betweenAttemptsMs));
}

/** Whatever is done to one element, with errors that say which. */
export async function withElement<T>(
  connection: BusConnection,
  ref: string,
  timeoutMs: number | undefined,
  use: (group: CallGroup, id: ElementId) => Promise<T>,
): Promise<T> {
  const id = parseRef(ref);
  using group = connection.group(timeoutMs ?? actTimeoutMs);
  try {
    return await use(group, id);
  } catch (error) {
    if (hasCode(error, 'PROTOCOL_VIOLATION')) throw gone(ref, error);
    if (!hasCode(error, 'TIMED_OUT')) throw error;
    const message = `cannot reach element "${ref}": its program did not answer within ${error.details.afterMs} ms`;
    throw new CodedError('TIMED_OUT', message, error.details, { cause: error });
  }
}

export function gone(ref: string, cause?: unknown): CodedError<'ELEMENT_GONE'> {
  const message = `cannot find element "${ref}": it is not there any more`;
  return new CodedError('ELEMENT_GONE', message, { ref }, { cause, hint: 'read the tree again' });
}

export function unable(ref: string, what: string, why: string): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', `cannot ${what} element "${ref}": ${why}`, { argument: 'ref', value: ref });
}

/** What of one is within the other; undefined when nothing is. */
export function overlap(one: Bounds, other: Bounds): Bounds | undefined {
  const x = Math.max(one.x, other.x);
  const y = Math.max(one.y, other.y);
  const width = Math.min(one.x + one.width, other.x + other.width) - x;
  const height = Math.min(one.y + one.height, other.y + other.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}
