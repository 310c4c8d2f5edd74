import * as v from 'valibot';

/*
 * Who holds the desktop's keyboard and pointer: nobody, an agent, or one person. `GET /lease` and `POST /lease` of the display server's control API and, as `/sandboxes/:id/lease`, of the daemon's are an agent's side;
 * a person's side is the WebSocket `lease` beside that of RFB, which the web client opens.
 */

const maxHelpLength = 1_000; // characters: what a card can show, and a person reads
const maxHoldMs = 3_600_000; // an agent that needs longer asks again
export const maxLeaseEvents = 200;

/** What would move the cursor of a terminal, or turn the order of letters round so that a text reads as another. */
const unsafeCharacters = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

const HelpMessageSchema = v.pipe(
  v.string(),
  v.maxLength(maxHelpLength),
  v.transform((text) =>
    text
      .toWellFormed()
      .replaceAll(/[\r\n\t]+/g, ' ')
      .replaceAll(unsafeCharacters, '')
      .trim(),
  ),
  v.minLength(1, 'must say something'),
);

/** What an agent asks for. */
export const LeaseRequestSchema = v.variant('op', [
  /** Shows this to people until one of them has taken over and handed back, or it is withdrawn. A later one replaces it. */
  v.strictObject({ op: v.literal('help'), message: HelpMessageSchema }),
  v.strictObject({ op: v.literal('withdraw') }),
  /** Keeps the input for so long, also between batches. INPUT_HELD while a person has it. */
  v.strictObject({
    op: v.literal('hold'),
    ms: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxHoldMs)),
  }),
  /** Gives it up before its time; nothing that a person holds. */
  v.strictObject({ op: v.literal('return') }),
]);
export type LeaseRequest = v.InferOutput<typeof LeaseRequestSchema>;

const LeaseHolderSchema = v.variant('kind', [
  v.object({ kind: v.literal('nobody') }),
  v.object({ kind: v.literal('agent') }),
  v.object({
    kind: v.literal('person'),
    /** Empty where no password is needed. */
    user: v.string(),
    /** No pictures of the screen are given meanwhile. */
    isPrivate: v.boolean(),
  }),
]);
export type LeaseHolder = v.InferOutput<typeof LeaseHolderSchema>;

const helpEnds = ['answered', 'withdrawn'] as const;
export type HelpEnd = (typeof helpEnds)[number];

/** Why a holder does not hold it any more. */
const returnReasons = [
  /** The agent's last batch ended a while ago. */
  'lapsed',
  'returned',
  'takenOver',
  'handedBack',
  'quiet',
  'disconnected',
  /** The person may only look any more. */
  'viewOnly',
] as const;
export type ReturnReason = (typeof returnReasons)[number];

const at = v.string();
const by = v.picklist(['agent', 'person']);
const user = v.optional(v.string());

const LeaseEventSchema = v.variant('event', [
  v.object({ at, event: v.literal('taken'), by, user }),
  v.object({ at, event: v.literal('returned'), by, user, why: v.picklist(returnReasons) }),
  /** An agent was refused, `count` times in a row; `at` is of the first time, `action` of the last. */
  v.object({ at, event: v.literal('refused'), action: v.string(), count: v.number() }),
  v.object({ at, event: v.literal('helpAsked'), message: v.string() }),
  v.object({ at, event: v.literal('helpEnded'), why: v.picklist(helpEnds) }),
  v.object({ at, event: v.literal('private'), user, on: v.boolean() }),
]);
export type LeaseEvent = v.InferOutput<typeof LeaseEventSchema>;

const HelpSchema = v.object({ message: v.string(), askedAt: v.string() });
export type Help = v.InferOutput<typeof HelpSchema>;

export const LeaseSchema = v.object({
  holder: LeaseHolderSchema,
  since: v.string(),
  /** An agent's request that no person has dealt with. */
  help: v.optional(HelpSchema),
  /** The last 200, the oldest first. */
  events: v.array(LeaseEventSchema),
});
export type Lease = v.InferOutput<typeof LeaseSchema>;

/** What a person asks for, as a JSON message on the WebSocket. */
export const PersonRequestSchema = v.variant('op', [
  v.strictObject({ op: v.literal('take') }),
  v.strictObject({ op: v.literal('return') }),
  /** Of the holder alone. */
  v.strictObject({ op: v.literal('private'), on: v.boolean() }),
]);
export type PersonRequest = v.InferOutput<typeof PersonRequestSchema>;

/** What a person's page is told: at once, and whenever it changes. */
export const LeaseViewSchema = v.object({
  holder: v.picklist(['nobody', 'agent', 'you', 'other']),
  isPrivate: v.boolean(),
  help: v.optional(HelpSchema),
  /** Why the page does not have the input any more, where that was not its own doing. */
  lost: v.optional(v.picklist(['quiet', 'takenOver'])),
});
export type LeaseView = v.InferOutput<typeof LeaseViewSchema>;

/** Ties a page's two connections together: in the query of both, as `session`. The page makes it at random. */
export const pageTokenPattern = /^[0-9a-f]{32}$/;
