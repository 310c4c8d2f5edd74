/**
 * The last picture of a connection that was lost. It stays where it was, dimmed, until the desktop is live again: a person keeps their place, and sees that nothing on it can be touched.
 */
export class Ghost {
  readonly #target: HTMLElement;
  #canvas: HTMLCanvasElement | undefined;

  constructor(target: HTMLElement) {
    this.#target = target;
  }

  /** A connection stands, and its canvas is in the page. */
  live(): void {
    this.#target.querySelector('.ghost')?.remove();
    this.#canvas = this.#target.querySelector('canvas') ?? undefined;
  }

  /** It is gone, and noVNC took its canvas out of the page. */
  lost(): void {
    if (this.#canvas === undefined || this.#canvas.isConnected) return;
    this.#canvas.classList.add('ghost');
    this.#canvas.style.cursor = 'default';
    this.#target.prepend(this.#canvas);
  }
}
