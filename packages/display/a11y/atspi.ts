import type { Bounds } from '@bhatti/wire/display/a11y.ts';
import { broken, type BodyReader } from './bus/body-reader.ts';
import { BodyWriter } from './bus/body-writer.ts';
import type { CallGroup } from './bus/connection.ts';
import type { Message } from './bus/message.ts';
import type { ElementId } from './element.ts';
import type { States } from './state.ts';

export const interfaces = {
  accessible: 'org.a11y.atspi.Accessible',
  action: 'org.a11y.atspi.Action',
  component: 'org.a11y.atspi.Component',
  editableText: 'org.a11y.atspi.EditableText',
  registry: 'org.a11y.atspi.Registry',
  text: 'org.a11y.atspi.Text',
  value: 'org.a11y.atspi.Value',
} as const;
const properties = 'org.freedesktop.DBus.Properties';
export const rootPath = '/org/a11y/atspi/accessible/root';
const maxActions = 20;
const screenCoordinates = 0;
const anywhere = 6; // AtspiScrollType
const noPlace = -2_147_483_648; // what GTK says of what is not on the screen

/** A method of an element; its reply must have the signature that is given last. */
async function ask(
  group: CallGroup,
  { bus, path }: ElementId,
  call: { interface: string; member: string; signature?: string; body?: BodyWriter },
  expected: string,
): Promise<BodyReader> {
  const reply = await group.call({ destination: bus, path, ...call });
  return expectBody(reply, expected);
}

export function expectBody(reply: Message, expected: string): BodyReader {
  if (reply.signature === expected) return reply.body();
  throw broken(`a reply has the signature "${reply.signature.slice(0, 40)}", not "${expected}"`);
}

async function property(group: CallGroup, id: ElementId, owner: string, name: string): Promise<unknown> {
  const body = new BodyWriter().string(owner).string(name);
  return (await ask(group, id, { interface: properties, member: 'Get', signature: 'ss', body }, 'v')).variant();
}

export async function getName(group: CallGroup, id: ElementId): Promise<string> {
  const name = await property(group, id, interfaces.accessible, 'Name');
  return typeof name === 'string' ? name : '';
}

export async function getParent(group: CallGroup, id: ElementId): Promise<ElementId | undefined> {
  const parent = await property(group, id, interfaces.accessible, 'Parent');
  if (!Array.isArray(parent)) return undefined;
  const [bus, path]: unknown[] = parent;
  return typeof bus === 'string' && typeof path === 'string' ? { bus, path } : undefined;
}

export async function getRole(group: CallGroup, id: ElementId): Promise<number> {
  return (await ask(group, id, { interface: interfaces.accessible, member: 'GetRole' }, 'u')).u32();
}

export async function getStates(group: CallGroup, id: ElementId): Promise<States> {
  return readStates(await ask(group, id, { interface: interfaces.accessible, member: 'GetState' }, 'au'));
}

export function readStates(body: BodyReader): States {
  const words: number[] = [];
  body.array(4, () => words.push(body.u32()));
  return [words[0] ?? 0, words[1] ?? 0];
}

export async function getInterfaces(group: CallGroup, id: ElementId): Promise<string[]> {
  const body = await ask(group, id, { interface: interfaces.accessible, member: 'GetInterfaces' }, 'as');
  const names: string[] = [];
  body.array(4, () => names.push(body.string()));
  return names;
}

/** Paths of the children that are in the same program. */
export async function getChildren(group: CallGroup, id: ElementId): Promise<string[]> {
  const body = await ask(group, id, { interface: interfaces.accessible, member: 'GetChildren' }, 'a(so)');
  const paths: string[] = [];
  body.array(8, () => {
    body.struct();
    const bus = body.string();
    const path = body.string();
    if (bus === id.bus) paths.push(path);
  });
  return paths;
}

/** Where it is on the screen; undefined when it has no place there. */
export async function getBounds(group: CallGroup, id: ElementId): Promise<Bounds | undefined> {
  const body = new BodyWriter().u32(screenCoordinates);
  const reply = await ask(
    group,
    id,
    { interface: interfaces.component, member: 'GetExtents', signature: 'u', body },
    '(iiii)',
  );
  reply.struct();
  const [x, y, width, height] = [reply.i32(), reply.i32(), reply.i32(), reply.i32()];
  return x === noPlace || y === noPlace || width <= 0 || height <= 0 ? undefined : { x, y, width, height };
}

export async function scrollTo(group: CallGroup, id: ElementId): Promise<boolean> {
  const body = new BodyWriter().u32(anywhere);
  return (
    (await ask(group, id, { interface: interfaces.component, member: 'ScrollTo', signature: 'u', body }, 'b')).u32() !==
    0
  );
}

export async function grabFocus(group: CallGroup, id: ElementId): Promise<boolean> {
  return (await ask(group, id, { interface: interfaces.component, member: 'GrabFocus' }, 'b')).u32() !== 0;
}

export async function getText(group: CallGroup, id: ElementId, maxLength: number): Promise<string> {
  const body = new BodyWriter().i32(0).i32(maxLength);
  return (await ask(group, id, { interface: interfaces.text, member: 'GetText', signature: 'ii', body }, 's')).string();
}

export async function setText(group: CallGroup, id: ElementId, text: string): Promise<boolean> {
  const body = new BodyWriter().string(text);
  const call = { interface: interfaces.editableText, member: 'SetTextContents', signature: 's', body };
  return (await ask(group, id, call, 'b')).u32() !== 0;
}

/** Selects a text from its first to its last character; false when there is none. */
export async function selectAll(group: CallGroup, id: ElementId): Promise<boolean> {
  const count = await characterCount(group, id);
  if (count <= 0) return false;
  const body = new BodyWriter().i32(0).i32(count);
  const call = { interface: interfaces.text, member: 'AddSelection', signature: 'ii', body };
  return (await ask(group, id, call, 'b')).u32() !== 0;
}

export async function isAllSelected(group: CallGroup, id: ElementId): Promise<boolean> {
  const body = new BodyWriter().i32(0);
  const call = { interface: interfaces.text, member: 'GetSelection', signature: 'i', body };
  const [count, selection] = await Promise.all([characterCount(group, id), ask(group, id, call, 'ii')]);
  return selection.i32() === 0 && selection.i32() >= count;
}

async function characterCount(group: CallGroup, id: ElementId): Promise<number> {
  const count = await property(group, id, interfaces.text, 'CharacterCount');
  return typeof count === 'number' ? count : 0;
}

export async function getValue(group: CallGroup, id: ElementId): Promise<number | undefined> {
  const value = await property(group, id, interfaces.value, 'CurrentValue');
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export async function setValue(group: CallGroup, id: ElementId, value: number): Promise<void> {
  const body = new BodyWriter().string(interfaces.value).string('CurrentValue').signature('d').double(value);
  await ask(group, id, { interface: properties, member: 'Set', signature: 'ssv', body }, '');
}

/** Names of what can be done with it, in order. `GetActions` has them in the words of the desktop's language, where it has any. */
export async function getActions(group: CallGroup, id: ElementId): Promise<string[]> {
  const body = await ask(group, id, { interface: interfaces.action, member: 'GetActions' }, 'a(sss)');
  let count = 0;
  body.array(8, () => {
    body.struct();
    for (let i = 0; i < 3; i++) body.string();
    count++;
  });
  const indices = Array.from({ length: Math.min(count, maxActions) }, (_, i) => i);
  return Promise.all(indices.map((index) => getActionName(group, id, index)));
}

async function getActionName(group: CallGroup, id: ElementId, index: number): Promise<string> {
  const body = new BodyWriter().i32(index);
  return (
    await ask(group, id, { interface: interfaces.action, member: 'GetName', signature: 'i', body }, 's')
  ).string();
}

export async function doAction(group: CallGroup, id: ElementId, index: number): Promise<boolean> {
  const body = new BodyWriter().i32(index);
  return (
    (await ask(group, id, { interface: interfaces.action, member: 'DoAction', signature: 'i', body }, 'b')).u32() !== 0
  );
}
