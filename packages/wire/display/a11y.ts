import * as v from 'valibot';

/*
 * The desktop as text: what programs say of themselves over AT-SPI, the accessibility protocol of Linux desktops. An element has a ref, which is good for as long as the element lives; the functions that act take it.
 */

const maxNodesLimit = 5_000; // some 300 KB of text
const maxDepthLimit = 100;

/** Number of the program's connection, and the element's name in it: nothing has to be remembered for a ref to stay good. */
export const RefSchema = v.pipe(
  v.string(),
  v.maxLength(300),
  v.regex(/^e\d{1,9}\.(?:\w{1,64}|(?:\/\w+)+)$/, 'must be a ref as a tree has them: "e7.42"'),
);

const PidSchema = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4_194_304));

/** The window that has the keyboard; all programs; one program. */
export const ScopeSchema = v.union([v.picklist(['focused', 'all']), v.strictObject({ pid: PidSchema })]);
export type Scope = v.InferOutput<typeof ScopeSchema>;

/** For each program: what has not answered by then is cut off and named. */
const timeoutMs = v.optional(v.pipe(v.number(), v.integer(), v.minValue(50), v.maxValue(30_000)));

export const TreeRequestSchema = v.strictObject({
  /** `focused` without it. */
  scope: v.optional(ScopeSchema),
  maxDepth: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxDepthLimit))),
  maxNodes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxNodesLimit))),
  /** Also what is scrolled out of sight; true without it. */
  offscreen: v.optional(v.boolean()),
  timeoutMs,
});
export type TreeRequest = v.InferOutput<typeof TreeRequestSchema>;

export const stateWords = [
  'active',
  'busy',
  'checked',
  'collapsed',
  'disabled',
  'editable',
  'expanded',
  'focusable',
  'focused',
  'haspopup',
  'invalid',
  'mixed',
  'modal',
  'offscreen',
  'pressed',
  'readonly',
  'required',
  'selected',
] as const;
const StateSchema = v.picklist(stateWords);
export type StateWord = v.InferOutput<typeof StateSchema>;

export const FindRequestSchema = v.strictObject({
  scope: v.optional(ScopeSchema),
  /** As the tree has it: `button`, `link`, `textbox`. */
  role: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(100))),
  name: v.optional(v.pipe(v.string(), v.maxLength(1_000))),
  /** `exact`, `substring` (regardless of case), or `regex` (as JavaScript has it); `substring` without it. */
  match: v.optional(v.picklist(['exact', 'substring', 'regex'])),
  /** It must have all of them. */
  states: v.optional(v.pipe(v.array(StateSchema), v.maxLength(stateWords.length))),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(maxNodesLimit))),
  timeoutMs,
});
export type FindRequest = v.InferOutput<typeof FindRequestSchema>;

export const LocateRequestSchema = v.strictObject({
  ref: RefSchema,
  /** Scrolls it into view first where it is out of sight; true without it. */
  scroll: v.optional(v.boolean()),
  timeoutMs,
});
export type LocateRequest = v.InferOutput<typeof LocateRequestSchema>;

export const FocusRequestSchema = v.strictObject({ ref: RefSchema, timeoutMs });
export type FocusRequest = v.InferOutput<typeof FocusRequestSchema>;

export const InvokeRequestSchema = v.strictObject({
  ref: RefSchema,
  /** One of the element's own; its first without it. */
  action: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
  timeoutMs,
});
export type InvokeRequest = v.InferOutput<typeof InvokeRequestSchema>;

export const SetValueRequestSchema = v.strictObject({
  ref: RefSchema,
  /** Text for what is typed into, a number for sliders and the like. */
  value: v.union([v.pipe(v.string(), v.maxLength(65_536)), v.pipe(v.number(), v.finite())]),
  /** The value is in no log, event or trajectory. */
  sensitive: v.optional(v.boolean()),
  timeoutMs,
});
export type SetValueRequest = v.InferOutput<typeof SetValueRequestSchema>;

const BoundsSchema = v.object({ x: v.number(), y: v.number(), width: v.number(), height: v.number() });
export type Bounds = v.InferOutput<typeof BoundsSchema>;

export const ElementSchema = v.object({
  ref: v.string(),
  role: v.string(),
  name: v.string(),
  /** What it holds: an entry's text, a slider's number. Never of a password. */
  value: v.optional(v.string()),
  states: v.array(v.string()),
  /** On the screen, in its pixels. */
  bounds: v.optional(BoundsSchema),
  pid: v.number(),
});
export type Element = v.InferOutput<typeof ElementSchema>;

/** An element with the number that stands in its box in a screenshot. */
export const LabelledElementSchema = v.object({ ...ElementSchema.entries, label: v.number() });
export type LabelledElement = v.InferOutput<typeof LabelledElementSchema>;

/** How far in a tree an element is; its parent is the last one before it that is one less far in. */
export const TreeNodeSchema = v.object({ ...ElementSchema.entries, depth: v.number() });
export type TreeNode = v.InferOutput<typeof TreeNodeSchema>;

/** A program that was to be read and could not be, whole. */
export const UnreadSchema = v.object({ pid: v.number(), name: v.string(), reason: v.string() });
export type Unread = v.InferOutput<typeof UnreadSchema>;

const reading = {
  unread: v.array(UnreadSchema),
  /** More is there than was asked for. */
  truncated: v.boolean(),
  ms: v.number(),
};

export const TreeReplySchema = v.object({
  /** A line an element, indented: `- button "Save" [ref=e7.42] [focused] (10,20 80x24)`. */
  text: v.string(),
  nodes: v.array(TreeNodeSchema),
  ...reading,
});
export type TreeReply = v.InferOutput<typeof TreeReplySchema>;

export const FindReplySchema = v.object({ elements: v.array(ElementSchema), ...reading });
export type FindReply = v.InferOutput<typeof FindReplySchema>;

export const LocateReplySchema = v.object({
  /** Its middle, or the middle of what of it is on the screen. */
  x: v.number(),
  y: v.number(),
  bounds: BoundsSchema,
  pid: v.number(),
});
export type LocateReply = v.InferOutput<typeof LocateReplySchema>;

/** What was done to an element. */
export const ElementDoneSchema = v.object({
  ref: v.string(),
  /** Of `invoke`: the action that was carried out. */
  action: v.optional(v.string()),
  /** Of `setValue`, where a program takes text from the keyboard only: the element has it, what it holds is selected, and typing the value is what is left to do. */
  mustType: v.optional(v.boolean()),
});
export type ElementDone = v.InferOutput<typeof ElementDoneSchema>;

/** Whether the tree can be read. It says nothing about the desktop, which needs none of this. */
export const A11yStatusSchema = v.object({
  available: v.boolean(),
  /** Why not. */
  reason: v.optional(v.string()),
  /** Programs that can be read. */
  programs: v.array(v.object({ pid: v.number(), name: v.string() })),
});
export type A11yStatus = v.InferOutput<typeof A11yStatusSchema>;
