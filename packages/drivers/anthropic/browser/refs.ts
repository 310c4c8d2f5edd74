import { CodedError } from '@bhatti/base/errors.ts';

/** An element of a page, as the browser names it. */
export interface ElementHandle {
  readonly backendNodeId: number;
  /** The frame whose document it is in. */
  readonly frameId: string;
}

/** The names that the model was given for a tab's elements. They hold until the tab shows another document, and none is given twice. */
export class Refs {
  readonly #byRef = new Map<string, ElementHandle>();
  readonly #byNode = new Map<number, string>();
  #last = 0;

  /** The same element has the same name. */
  refOf(element: ElementHandle): string {
    const known = this.#byNode.get(element.backendNodeId);
    if (known !== undefined) return known;
    const ref = `ref_${++this.#last}`;
    this.#byRef.set(ref, element);
    this.#byNode.set(element.backendNodeId, ref);
    return ref;
  }

  /** INVALID_ARGUMENT when the name was never given, or is of a document that is gone. */
  mustGet(ref: string): ElementHandle {
    const element = this.#byRef.get(ref);
    if (element === undefined) throw staleRef(ref);
    return element;
  }

  forgetAll(): void {
    this.#byRef.clear();
    this.#byNode.clear();
  }
}

export function staleRef(ref: string, cause?: unknown): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError(
    'INVALID_ARGUMENT',
    `"${ref}" is no element of this tab's page, or it is one no more`,
    { argument: 'ref', value: ref },
    { cause, hint: 'read the page again, or find the element again' },
  );
}
