import { plainLine } from '@bhatti/base/bytes.ts';

import { at, listAt, numberAt, textAt } from '../../cdp/json.ts';
import type { CdpSession } from '../../cdp/session.ts';
import type { Layout } from './layout.ts';
import type { ElementHandle } from './refs.ts';

/** What assistive technology is told of an element. */
export interface PageElement {
  readonly handle: ElementHandle;
  readonly role: string;
  readonly name: string;
  readonly value: string;
  readonly url: string;
  readonly description: string;
  readonly states: readonly string[];
  readonly isInteractive: boolean;
  /** It, or anything in it, is in the viewport. */
  readonly isVisible: boolean;
  readonly children: readonly PageElement[];
}

const maxTextLength = 300; // of a name; a paragraph's text is cut, `get_page_text` has it whole
const maxFrames = 30;
const maxDepth = 500;

const interactiveRoles = new Set(
  'button checkbox combobox gridcell link listbox menuitem menuitemcheckbox menuitemradio option radio scrollbar searchbox slider spinbutton switch tab textbox treeitem Date DateTime InputTime ColorWell'.split(
    ' ',
  ),
);
/** They say nothing beyond what is in them. */
const transparentRoles = new Set([
  'none',
  'generic',
  'presentation',
  'InlineTextBox',
  'LineBreak',
  'ListMarker',
  'LabelText',
  'MenuListPopup',
]);

/** The tree of the page's main frame, with those of the frames in it that the same process shows. */
export async function accessibilityTree(session: CdpSession, layout: Layout): Promise<PageElement | undefined> {
  const frames = await framesOf(session);
  const trees = new Map<string, FrameTree>();
  for (const frameId of frames.map(({ id }) => id)) trees.set(frameId, await frameTree(session, frameId));
  const shownBy = new Map<number, string>();
  for (const { id, parent } of frames) if (parent !== undefined) shownBy.set(await ownerOf(session, id), id);
  const main = frames[0]?.id;
  return main === undefined ? undefined : new TreeBuilder(trees, shownBy, layout).root(main);
}

/** The element in the tree, or undefined. */
export function findElement(element: PageElement, backendNodeId: number): PageElement | undefined {
  if (element.handle.backendNodeId === backendNodeId) return element;
  for (const child of element.children) {
    const found = findElement(child, backendNodeId);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface FrameTree {
  readonly nodes: ReadonlyMap<string, unknown>;
  readonly rootId: string | undefined;
}

interface Frame {
  readonly id: string;
  readonly parent: string | undefined;
}

async function framesOf(session: CdpSession): Promise<Frame[]> {
  const frames: Frame[] = [];
  const add = (tree: unknown, parent: string | undefined) => {
    const id = textAt(tree, 'frame', 'id');
    if (id === undefined || frames.length === maxFrames) return;
    frames.push({ id, parent });
    for (const child of listAt(tree, 'childFrames')) add(child, id);
  };
  add(at(await session.send('Page.getFrameTree'), 'frameTree'), undefined);
  return frames;
}

async function frameTree(session: CdpSession, frameId: string): Promise<FrameTree> {
  const nodes = listAt(await session.send('Accessibility.getFullAXTree', { frameId }), 'nodes');
  const byId = new Map(nodes.map((node) => [textAt(node, 'nodeId') ?? '', node]));
  return { nodes: byId, rootId: textAt(nodes[0], 'nodeId') };
}

async function ownerOf(session: CdpSession, frameId: string): Promise<number> {
  return numberAt(await session.send('DOM.getFrameOwner', { frameId }), 'backendNodeId') ?? 0;
}

class TreeBuilder {
  readonly #trees: ReadonlyMap<string, FrameTree>;
  readonly #shownBy: ReadonlyMap<number, string>;
  readonly #layout: Layout;

  constructor(trees: ReadonlyMap<string, FrameTree>, shownBy: ReadonlyMap<number, string>, layout: Layout) {
    this.#trees = trees;
    this.#shownBy = shownBy;
    this.#layout = layout;
  }

  root(frameId: string): PageElement | undefined {
    const tree = this.#trees.get(frameId);
    return tree?.rootId === undefined ? undefined : this.#elements(tree, tree.rootId, frameId, 0)[0];
  }

  /** The node's element; its children where the node itself says nothing. */
  #elements(tree: FrameTree, nodeId: string, frameId: string, depth: number): PageElement[] {
    const node = tree.nodes.get(nodeId);
    if (node === undefined || depth > maxDepth) return [];
    const backendNodeId = numberAt(node, 'backendDOMNodeId');
    const children = listAt(node, 'childIds').flatMap((id) =>
      typeof id === 'string' ? this.#elements(tree, id, frameId, depth + 1) : [],
    );
    const shown = backendNodeId === undefined ? undefined : this.#shownBy.get(backendNodeId);
    const content = shown === undefined ? undefined : this.root(shown);
    if (content !== undefined) children.push(content);

    const role = textAt(node, 'role', 'value') ?? 'none';
    const isClickable = backendNodeId !== undefined && this.#layout.clickable.has(backendNodeId);
    const saysNothing = at(node, 'ignored') === true || (transparentRoles.has(role) && !isClickable);
    if (saysNothing || backendNodeId === undefined) return children;
    return [this.#element(node, { backendNodeId, frameId }, role, children, isClickable)];
  }

  #element(
    node: unknown,
    handle: ElementHandle,
    role: string,
    children: readonly PageElement[],
    isClickable: boolean,
  ): PageElement {
    const name = plainLine(textAt(node, 'name', 'value') ?? '', maxTextLength);
    const properties = new Map(
      listAt(node, 'properties').map((property) => [textAt(property, 'name'), at(property, 'value', 'value')]),
    );
    const value = at(node, 'value', 'value');
    const text = typeof value === 'string' || typeof value === 'number' ? plainLine(String(value), maxTextLength) : '';
    const url = properties.get('url');
    return {
      handle,
      role: role === 'RootWebArea' ? 'page' : role === 'StaticText' ? 'text' : role,
      name,
      value: text,
      url: typeof url === 'string' && role !== 'RootWebArea' ? plainLine(url, maxTextLength) : '',
      description: plainLine(textAt(node, 'description', 'value') ?? '', maxTextLength),
      states: statesOf(properties),
      isInteractive:
        interactiveRoles.has(role) || isClickable || (properties.get('focusable') === true && role !== 'RootWebArea'),
      isVisible: this.#layout.visible.has(handle.backendNodeId) || children.some((child) => child.isVisible),
      // A text that only repeats its parent's name or value is no news.
      children: children.filter((child) => child.role !== 'text' || (child.name !== name && child.name !== text)),
    };
  }
}

const flagStates = ['disabled', 'required', 'selected', 'focused', 'readonly', 'multiselectable'];
const valueStates = ['checked', 'pressed', 'expanded', 'invalid', 'level'];

function statesOf(properties: ReadonlyMap<string | undefined, unknown>): string[] {
  const flags = flagStates.filter((name) => properties.get(name) === true || properties.get(name) === 'true');
  const values = valueStates.flatMap((name) => {
    const value = properties.get(name);
    if (value === undefined || (name === 'invalid' && value === 'false')) return [];
    return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number'
      ? [`${name}=${value}`]
      : [];
  });
  return [...flags, ...values];
}
