import { element, setText } from './page.ts';
import type { SessionState } from './session.ts';
import { describeStatus } from './status.ts';

const quietMs = 400; // most connections stand by then, and a card that flashes by only worries

/** The card at the bottom that says what goes on while there is no live desktop. */
export class StatusCard {
  readonly #card = element('status', HTMLElement);
  readonly #title = element('status-title', HTMLElement);
  readonly #detail = element('status-detail', HTMLElement);
  readonly #spinner = element('status-spinner', HTMLElement);
  readonly #action = element('status-action', HTMLButtonElement);
  #state: SessionState = { phase: 'connecting' };
  #hadDesktop = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onRetry: () => void) {
    this.#action.addEventListener('click', () => {
      // Only the browser can ask for a password anew, and it does when the page is.
      if (this.#state.phase === 'signed-out') location.reload();
      else onRetry();
    });
  }

  show(state: SessionState): void {
    this.#state = state;
    if (state.phase === 'connected') this.#hadDesktop = true;
    clearTimeout(this.#timer);
    const isFirst = this.#card.hidden && (state.phase === 'connecting' || state.phase === 'waiting');
    this.#timer = setTimeout(() => this.#draw(), isFirst ? quietMs : 0);
  }

  #draw(): void {
    const text = describeStatus(this.#state, { hadDesktop: this.#hadDesktop, nowMs: performance.now() });
    this.#card.hidden = text.title === '';
    setText(this.#title, text.title);
    setText(this.#detail, text.detail);
    this.#detail.hidden = text.detail === '';
    this.#spinner.hidden = !text.isBusy;
    this.#action.hidden = text.action === 'none';
    setText(this.#action, text.action === 'sign-in' ? 'Sign in' : 'Try now');
    if (this.#state.phase === 'waiting') this.#timer = setTimeout(() => this.#draw(), 1_000);
  }
}
