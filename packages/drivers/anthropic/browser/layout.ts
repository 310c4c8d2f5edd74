import { listAt, numberAt, numbersAt } from '../../cdp/json.ts';
import type { CdpSession } from '../../cdp/session.ts';
import type { Viewport } from './viewport.ts';

/** Where the elements of a page are, in CSS pixels of the viewport. */
export interface Layout {
  /** Nodes with any part of them in the viewport. */
  readonly visible: ReadonlySet<number>;
  /** Nodes that a script listens to clicks on. */
  readonly clickable: ReadonlySet<number>;
}

interface Offset {
  readonly x: number;
  readonly y: number;
}

/** By one snapshot of the page and of the frames in it, whose nodes are named by `backendNodeId`. */
export async function layoutOf(session: CdpSession, viewport: Viewport): Promise<Layout> {
  const snapshot = await session.send('DOMSnapshot.captureSnapshot', { computedStyles: [] });
  const documents = listAt(snapshot, 'documents');
  const visible = new Set<number>();
  const clickable = new Set<number>();
  const seen = new Set<number>();

  // A frame's document counts from the frame's own corner, so its place is found from the outside in.
  const addDocument = (index: number, corner: Offset): void => {
    const document = documents[index];
    if (document === undefined || seen.has(index)) return;
    seen.add(index);
    const ids = numbersAt(document, 'nodes', 'backendNodeId');
    for (const node of numbersAt(document, 'nodes', 'isClickable', 'index')) clickable.add(ids[node] ?? 0);
    const x = corner.x - (numberAt(document, 'scrollOffsetX') ?? 0);
    const y = corner.y - (numberAt(document, 'scrollOffsetY') ?? 0);

    const frames = numbersAt(document, 'nodes', 'contentDocumentIndex', 'index');
    const framesShown = numbersAt(document, 'nodes', 'contentDocumentIndex', 'value');
    const bounds = listAt(document, 'layout', 'bounds');
    for (const [i, node] of numbersAt(document, 'layout', 'nodeIndex').entries()) {
      const [left = 0, top = 0, width = 0, height = 0] = numbersAt(bounds[i]).map((length) => length / viewport.ratio);
      const [right, bottom] = [left + width + x, top + height + y];
      const isInside = right > 0 && bottom > 0 && left + x < viewport.size.width && top + y < viewport.size.height;
      if (width > 0 && height > 0 && isInside) visible.add(ids[node] ?? 0);
      const frame = frames.indexOf(node);
      if (frame !== -1) addDocument(framesShown[frame] ?? -1, { x: left + x, y: top + y });
    }
  };
  addDocument(0, { x: 0, y: 0 });
  return { visible, clickable };
}
