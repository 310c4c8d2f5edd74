import * as v from 'valibot';
import {
  ElementSchema,
  FindRequestSchema,
  FocusRequestSchema,
  InvokeRequestSchema,
  LabelledElementSchema,
  RefSchema,
  SetValueRequestSchema,
  TreeRequestSchema,
  UnreadSchema,
} from './a11y.ts';
import { DesktopWindowSchema, ScreenSchema } from './control.ts';

/*
 * What an operator does to the desktop: `POST /actions` of the display server's control API, `POST /sandboxes/:id/actions` of the daemon's, a message each on their WebSockets. A batch is one round trip: its actions are
 * carried out in order, and each has a result. The vocabulary is a superset of what the model vendors' computer tools and the other desktop sandboxes have; adapters translate.
 */

const maxActions = 256; // a model's batch has a handful; a script's drag or form a few dozen
const maxTextLength = 65_536; // characters of one `type`
const maxKeysLength = 200;
const maxWaitMs = 600_000;

const pixels = v.pipe(v.number(), v.finite());
const milliseconds = (max: number) => v.pipe(v.number(), v.minValue(0), v.maxValue(max));

/** x and y in pixels of the batch's `space`, from the left top. 0 is a coordinate. */
const PointSchema = v.strictTuple([pixels, pixels], 'must be [x, y]');
export type Point = v.InferOutput<typeof PointSchema>;

/** Left, top, right, bottom; the last two are outside. */
const RegionSchema = v.strictTuple([pixels, pixels, pixels, pixels], 'must be [left, top, right, bottom]');

const SizeSchema = v.strictObject({
  width: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16_384)),
  height: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(16_384)),
});
export type Size = v.InferOutput<typeof SizeSchema>;

export const buttons = ['left', 'middle', 'right', 'back', 'forward'] as const;
const ButtonSchema = v.picklist(buttons);
export type Button = v.InferOutput<typeof ButtonSchema>;

/** Keys as xdotool names them, joined by `+`: `ctrl+shift+t`, `Return`, `a`, `+`. The names that the model vendors use are known as well: `Enter`, `cmd`, `ArrowLeft`. */
const KeysSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(maxKeysLength));

const PictureFormatSchema = v.picklist(['png', 'jpeg', 'webp']);
export type PictureFormat = v.InferOutput<typeof PictureFormatSchema>;

const picture = {
  format: v.optional(PictureFormatSchema),
  /** 1 to 100, for jpeg and webp. */
  quality: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
  /** Draws the pointer into it. */
  cursor: v.optional(v.boolean()),
};

/** How a picture of the screen is taken. Without a size it is as large as the batch's `space`, or the screen. A picture is never enlarged. */
const ScreenshotSchema = v.strictObject({
  ...picture,
  region: v.optional(RegionSchema),
  /** The picture fits into this, with its proportions. */
  fit: v.optional(SizeSchema),
  /** Boxes and numbers on what can be clicked or typed into; the result's `labels` say which ref each number is. */
  labels: v.optional(v.boolean()),
  /** Of the region's own pixels, above 0 and up to 1. */
  scale: v.optional(v.pipe(v.number(), v.minValue(0.01), v.maxValue(1))),
});
export type ScreenshotRequest = v.InferOutput<typeof ScreenshotSchema>;

/** Keys held down meanwhile. */
const hold = v.optional(v.array(KeysSchema));
const at = v.optional(PointSchema);
/** Instead of a point: the middle of an element of the accessibility tree, which is scrolled into view. */
const ref = v.optional(RefSchema);

/** Waits for the screen to come to rest: for a first change up to `changeMs`, then until nothing has changed for `quietMs`. After `maxMs` it is over, at rest or not. */
const SettleSchema = v.strictObject({
  quietMs: v.optional(milliseconds(60_000)),
  maxMs: v.optional(milliseconds(maxWaitMs)),
  changeMs: v.optional(milliseconds(60_000)),
});
export type SettleRequest = v.InferOutput<typeof SettleSchema>;

export const ActionSchema = v.variant('do', [
  v.strictObject({ do: v.literal('screenshot'), ...ScreenshotSchema.entries }),
  /** A part of the screen with all the pixels it has, as far as they fit into `fit`, or into the batch's `space`. */
  v.strictObject({ do: v.literal('zoom'), region: RegionSchema, fit: v.optional(SizeSchema), ...picture }),
  v.strictObject({
    do: v.literal('click'),
    at,
    ref,
    button: v.optional(ButtonSchema),
    count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10))),
    hold,
  }),
  v.strictObject({ do: v.literal('down'), at, ref, button: v.optional(ButtonSchema) }),
  v.strictObject({ do: v.literal('up'), at, ref, button: v.optional(ButtonSchema) }),
  v.strictObject({ do: v.literal('move'), to: PointSchema, hold }),
  v.strictObject({
    do: v.literal('drag'),
    path: v.pipe(v.array(PointSchema), v.minLength(2), v.maxLength(1_000)),
    button: v.optional(ButtonSchema),
    hold,
    /** Places that the pointer is at on its way from one point of the path to the next. */
    steps: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
    stepMs: v.optional(milliseconds(1_000)),
  }),
  v.strictObject({
    do: v.literal('scroll'),
    at,
    ref,
    /** Right is positive. */
    dx: v.optional(pixels),
    /** Down is positive. */
    dy: v.optional(pixels),
    /** Clicks of the wheel, or pixels of the screen, of which a click moves about 53. */
    unit: v.optional(v.picklist(['click', 'px'])),
    hold,
  }),
  v.strictObject({
    do: v.literal('type'),
    /** Any Unicode; a line feed is Return, a tab is Tab. */
    text: v.pipe(v.string(), v.maxLength(maxTextLength)),
    /** Between two characters. */
    delayMs: v.optional(milliseconds(10_000)),
    /** Keys by default; pasted by way of the clipboard, which then holds the text. */
    via: v.optional(v.picklist(['keys', 'paste'])),
    /** The text is in no log, event or trajectory. */
    sensitive: v.optional(v.boolean()),
  }),
  v.strictObject({
    do: v.literal('key'),
    keys: KeysSchema,
    repeat: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
  }),
  v.strictObject({ do: v.literal('keydown'), keys: KeysSchema }),
  v.strictObject({ do: v.literal('keyup'), keys: KeysSchema }),
  v.strictObject({ do: v.literal('hold'), keys: KeysSchema, ms: milliseconds(300_000) }),
  v.strictObject({ do: v.literal('wait'), ms: milliseconds(maxWaitMs) }),
  /** The screen at rest; that it does not come to rest is a result, not an error. */
  v.strictObject({ do: v.literal('settle'), ...SettleSchema.entries }),
  /** TIMED_OUT when nothing changes. */
  v.strictObject({ do: v.literal('waitChange'), timeoutMs: v.optional(milliseconds(maxWaitMs)) }),
  /** A window whose title holds this text, regardless of case. TIMED_OUT when none comes. */
  v.strictObject({
    do: v.literal('waitWindow'),
    title: v.pipe(v.string(), v.minLength(1), v.maxLength(1_000)),
    timeoutMs: v.optional(milliseconds(maxWaitMs)),
  }),
  v.strictObject({ do: v.literal('cursor') }),
  v.strictObject({ do: v.literal('size') }),
  v.strictObject({ do: v.literal('windows') }),
  v.strictObject({
    do: v.literal('window'),
    id: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff)),
    op: v.picklist(['focus', 'close', 'minimize', 'maximize', 'restore', 'move', 'resize']),
    /** For `move`: where its left top corner comes to be. */
    to: v.optional(PointSchema),
    /** For `resize`. */
    size: v.optional(SizeSchema),
  }),
  v.strictObject({ do: v.literal('copied') }),
  v.strictObject({ do: v.literal('copy'), text: v.pipe(v.string(), v.maxLength(1024 * 1024)) }),
  /** A file or an address, with the program that the desktop has for it. */
  v.strictObject({ do: v.literal('open'), target: v.pipe(v.string(), v.minLength(1), v.maxLength(8_192)) }),
  /** A program, found on the PATH, with its arguments; no shell reads them. */
  v.strictObject({
    do: v.literal('launch'),
    app: v.pipe(v.string(), v.minLength(1), v.maxLength(4_096)),
    args: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(8_192))), v.maxLength(256))),
  }),
  v.strictObject({ do: v.literal('resize'), ...SizeSchema.entries }),
  /** The desktop as text: a line an element, with refs. */
  v.strictObject({ do: v.literal('tree'), ...TreeRequestSchema.entries }),
  v.strictObject({ do: v.literal('find'), ...FindRequestSchema.entries }),
  /** Gives an element the keyboard. */
  v.strictObject({ do: v.literal('focus'), ...FocusRequestSchema.entries }),
  /** Has an element do what it can do: press, open, toggle. */
  v.strictObject({ do: v.literal('invoke'), ...InvokeRequestSchema.entries }),
  /** Puts a text or a number into an element. */
  v.strictObject({ do: v.literal('set'), ...SetValueRequestSchema.entries }),
]);
export type Action = v.InferOutput<typeof ActionSchema>;
export type ActionName = Action['do'];

export const BatchSchema = v.strictObject({
  actions: v.pipe(v.array(ActionSchema), v.maxLength(maxActions)),
  /** Size of the picture that coordinates are meant in; the screen's own without it. */
  space: v.optional(SizeSchema),
  /** After each action that may change the screen, before the next. */
  settle: v.optional(SettleSchema),
  /** Goes on after an action that failed. */
  goOn: v.optional(v.boolean()),
  /** A picture at the end, whether or not an action failed. */
  screenshot: v.optional(ScreenshotSchema),
});
export type Batch = v.InferOutput<typeof BatchSchema>;

export const PictureSchema = v.object({
  format: PictureFormatSchema,
  width: v.number(),
  height: v.number(),
  /** Base64. */
  data: v.string(),
  /** Of a picture with labels, in the batch's space. */
  labels: v.optional(v.array(LabelledElementSchema)),
});
export type Picture = v.InferOutput<typeof PictureSchema>;

const FailureSchema = v.object({
  code: v.string(),
  message: v.string(),
  hint: v.optional(v.string()),
  details: v.optional(v.record(v.string(), v.unknown())),
});

/** What an action brought. Only the fields that it has anything to say about are there. */
export const ActionResultSchema = v.object({
  do: v.string(),
  /** False: it failed, see `error`; or an earlier one did, and this one was not begun. */
  ok: v.boolean(),
  skipped: v.optional(v.boolean()),
  error: v.optional(FailureSchema),
  /** Whether pixels of the screen changed from before the action until its result. */
  changed: v.boolean(),
  /** Of the frame at that moment; the same number is the same picture. */
  frameSerial: v.number(),
  ms: v.number(),
  /** Of `settle`, the action or the batch's: whether the screen came to rest. */
  settled: v.optional(v.boolean()),
  picture: v.optional(PictureSchema),
  /** Of `cursor`, in the batch's space. */
  x: v.optional(v.number()),
  y: v.optional(v.number()),
  screen: v.optional(ScreenSchema),
  windows: v.optional(v.array(DesktopWindowSchema)),
  /** Of `copied` and `tree`. */
  text: v.optional(v.string()),
  /** Of `find`, with bounds in the batch's space. */
  elements: v.optional(v.array(ElementSchema)),
  /** Of `tree` and `find`: programs that could not be read whole, and whether more is there than was asked for. */
  unread: v.optional(v.array(UnreadSchema)),
  truncated: v.optional(v.boolean()),
  pid: v.optional(v.number()),
});
export type ActionResult = v.InferOutput<typeof ActionResultSchema>;

export const BatchReplySchema = v.object({
  /** One for each action, in order. */
  results: v.array(ActionResultSchema),
  ok: v.boolean(),
  /** The screen's own size, which `space` was mapped to. */
  screen: ScreenSchema,
  frameSerial: v.number(),
  ms: v.number(),
  screenshot: v.optional(PictureSchema),
  /** Why the picture at the end is missing, of a batch that acted. One that only looks is refused instead. */
  screenshotError: v.optional(FailureSchema),
});
export type BatchReply = v.InferOutput<typeof BatchReplySchema>;
