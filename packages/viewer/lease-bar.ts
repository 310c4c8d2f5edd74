import type { LeaseView } from '@bhatti/wire/display/lease.ts';
import type { LeaseLink } from './lease-link.ts';
import { describeLease, sayLease } from './lease-text.ts';
import { element, setText } from './page.ts';

const freeMs = 30_000; // an agent thinks for seconds between its steps; a bar that comes and goes with each only worries

export interface LeaseBarOptions {
  readonly link: () => LeaseLink;
  /** The person has asked for the input: nothing of the page's own may stand in its way. */
  readonly onAsk: () => void;
  /** The person has got it. */
  readonly onTurn: () => void;
}

/** Who has the input, said at the bottom while it is not simply free; the button that takes it over or hands it back, there and among the desktop's controls; and what an agent wants help with. */
export class LeaseBar {
  readonly #options: LeaseBarOptions;
  readonly #bar = element('lease', HTMLElement);
  readonly #who = element('lease-who', HTMLElement);
  readonly #said = element('lease-said', HTMLElement);
  readonly #private = element('lease-private', HTMLButtonElement);
  readonly #take = element('lease-take', HTMLButtonElement);
  readonly #tool = element('lease-tool', HTMLButtonElement);
  readonly #help = element('help', HTMLElement);
  readonly #helpTitle = element('help-title', HTMLElement);
  readonly #helpMessage = element('help-message', HTMLElement);
  readonly #helpTake = element('help-take', HTMLButtonElement);
  readonly #helpSaid = element('help-said', HTMLElement);
  #view: LeaseView | undefined;
  /** When the request was made that the person does not want to see. */
  #dismissed: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LeaseBarOptions) {
    this.#options = options;
    for (const button of [this.#take, this.#tool]) button.addEventListener('click', (event) => this.#change(event));
    this.#helpTake.addEventListener('click', () => this.#askForIt());
    element('help-dismiss', HTMLButtonElement).addEventListener('click', () => {
      this.#dismissed = this.#view?.help?.askedAt;
      this.#draw();
    });
    this.#private.addEventListener('click', () =>
      this.#options.link().ask({ op: 'private', on: this.#private.ariaChecked !== 'true' }),
    );
    // A press that does nothing wants to know why.
    element('desktop', HTMLElement).addEventListener('pointerdown', () => this.#nudge(), { capture: true });
  }

  show(view: LeaseView | undefined): void {
    const before = this.#view?.holder;
    this.#view = view;
    clearTimeout(this.#timer);
    if (view === undefined) this.#bar.hidden = true;
    else if (view.holder !== 'nobody') this.#bar.hidden = false;
    else if (!this.#bar.hidden) this.#timer = setTimeout(() => this.#hide(), freeMs);
    this.#draw();
    if (view?.holder === 'you' && before !== 'you') this.#options.onTurn();
  }

  #hide(): void {
    this.#bar.hidden = true;
    setText(this.#said, '');
  }

  #draw(): void {
    const view = this.#view;
    this.#tool.hidden = view === undefined;
    this.#drawHelp(view);
    if (view === undefined) return setText(this.#said, '');
    const { who, action } = describeLease(view);
    const isMine = action === 'return';
    this.#bar.dataset['holder'] = view.holder;
    setText(this.#who, who);
    if (!this.#bar.hidden) setText(this.#said, sayLease(view, this.#said.textContent));
    const label = isMine ? 'Hand back' : 'Take over';
    setText(this.#take, label);
    this.#tool.ariaLabel = label;
    this.#tool.title = `${label}: ${who.charAt(0).toLowerCase()}${who.slice(1)}`;
    this.#tool.ariaPressed = String(isMine);
    this.#private.hidden = !isMine;
    this.#private.ariaChecked = String(isMine && view.isPrivate);
  }

  #drawHelp(view: LeaseView | undefined): void {
    const help = view?.help;
    const isShown = help !== undefined && help.askedAt !== this.#dismissed;
    this.#help.hidden = !isShown;
    // One button for it is enough, and the card's says what for.
    this.#take.hidden = isShown && view?.holder !== 'you';
    setText(this.#helpSaid, isShown ? `The agent asks for help: ${help.message}` : '');
    if (!isShown) return;
    setText(this.#helpTitle, view?.holder === 'you' ? 'The agent asked for help' : 'The agent asks for help');
    setText(this.#helpMessage, help.message);
    this.#helpTake.hidden = view?.holder === 'you';
  }

  #change(event: MouseEvent): void {
    // The second half of a double click would undo the first.
    if (event.detail > 1) return;
    if (this.#view?.holder !== 'you') return this.#askForIt();
    this.#options.link().ask({ op: 'return' });
  }

  #askForIt(): void {
    this.#options.onAsk();
    this.#options.link().ask({ op: 'take' });
  }

  #nudge(): void {
    const holder = this.#view?.holder;
    if (holder !== 'agent' && holder !== 'other') return;
    this.#bar.classList.remove('nudged');
    // Read, so that the browser begins the animation anew.
    void this.#bar.offsetWidth;
    this.#bar.classList.add('nudged');
  }
}
