import { listAt, numbersAt } from '../../cdp/json.ts';
import { numberOf, oneOf, readFields, wordOf, wrong, type Fields } from '../../fields.ts';
import { viewOf, type MemberContext } from './member.ts';
import type { Place } from './mouse.ts';
import { staleRef, type ElementHandle } from './refs.ts';
import type { Tab } from './tab.ts';
import { placeIn } from './viewport.ts';

const maxRefLength = 40;

/** Where the field's target is, `coordinate` or `ref`; an element is scrolled into view first. */
export async function placeOf(input: Fields, name: string, tab: Tab, context: MemberContext): Promise<Place> {
  const target = readFields(input.values[name], `${input.of} ${name}`);
  if (oneOf(target, 'type', ['coordinate', 'ref']) === 'ref') return refPlace(tab, target);
  return coordinateOf(target, tab, context);
}

/** As `placeOf`, of a member that takes no element. */
export function coordinatePlace(input: Fields, name: string, tab: Tab, context: MemberContext): Promise<Place> {
  const target = readFields(input.values[name], `${input.of} ${name}`);
  oneOf(target, 'type', ['coordinate']);
  return coordinateOf(target, tab, context);
}

export interface NamedElement {
  readonly ref: string;
  readonly element: ElementHandle;
}

/** The element that the field names; of a member that takes no coordinate. */
export function elementOf(input: Fields, name: string, tab: Tab): NamedElement {
  const target = readFields(input.values[name], `${input.of} ${name}`);
  oneOf(target, 'type', ['ref']);
  return namedElement(target, tab);
}

export async function scrollIntoView({ session }: Tab, { ref, element }: NamedElement): Promise<void> {
  const { backendNodeId } = element;
  await session.send('DOM.scrollIntoViewIfNeeded', { backendNodeId }).catch((error: unknown) => {
    throw staleRef(ref, error);
  });
}

async function coordinateOf(target: Fields, tab: Tab, context: MemberContext): Promise<Place> {
  const viewport = await viewOf(tab, context);
  const [x, y] = [numberOf(target, 'x'), numberOf(target, 'y')];
  const { width, height } = viewport.picture;
  for (const [name, value, end] of [
    ['x', x, width],
    ['y', y, height],
  ] as const)
    if (value < 0 || value >= end)
      throw wrong(target, name, `is outside of the viewport, which is ${width}x${height} pixels`);
  return placeIn(viewport, x, y);
}

async function refPlace(tab: Tab, target: Fields): Promise<Place> {
  const named = namedElement(target, tab);
  await scrollIntoView(tab, named);
  const { backendNodeId } = named.element;
  const quads = listAt(await tab.session.send('DOM.getContentQuads', { backendNodeId }), 'quads').map((quad) =>
    numbersAt(quad),
  );
  const quad = quads.find(([x0 = 0, y0 = 0, , , x2 = 0, y2 = 0]) => x0 !== x2 && y0 !== y2);
  if (quad === undefined) throw wrong(target, 'ref', 'names an element that has no place on the page');
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, x2 = 0, y2 = 0, x3 = 0, y3 = 0] = quad;
  return { x: (x0 + x1 + x2 + x3) / 4, y: (y0 + y1 + y2 + y3) / 4 };
}

function namedElement(target: Fields, tab: Tab): NamedElement {
  const ref = wordOf(target, 'ref', maxRefLength);
  return { ref, element: tab.refs.mustGet(ref) };
}
