import { CodedError } from '@bhatti/base/errors.ts';
import type { BatchReply, Picture, SettleRequest, Size } from '@bhatti/wire/display/action.ts';

import { mustPicture, type Desktop } from '../desktop.ts';
import { oneOf, readFields } from '../fields.ts';
import { mustBeInside } from '../inside.ts';
import { largestFit } from '../picture-limit.ts';
import { errorResult, imageBlock, toolUsesOf, type AnyBlock, type ToolResult } from './blocks.ts';
import { computerAction, computerMembers, isComputerMember, type ComputerMemberName } from './computer-action.ts';
import { resultContent } from './computer-result.ts';
import { limitOf, pictureFields, type PictureOptions } from './picture.ts';
import { runTurn, type Call, type Outcome } from './turn.ts';

export interface ComputerToolOptions extends PictureOptions {
  readonly desktop: Desktop;
  readonly version: 'computer_20251124' | 'computer_20250124';
  /** What the model is told that the display is; it must have the screen's proportions, and be no larger. Without it the largest that the model takes. */
  readonly display?: Size;
  /** Offers `zoom`; of `computer_20251124` only. */
  readonly zoom?: 'enabled' | 'disabled';
  readonly settle?: SettleRequest;
}

/**
 * `computer_20251124` and `computer_20250124` of the Messages API: one tool called `computer`, whose input names the action. `tool` is the entry for `tools`; `answer`
 * carries out the calls of an assistant's message. Asks the desktop for its size.
 */
export async function createComputerTool(options: ComputerToolOptions, signal = new AbortController().signal) {
  const { desktop, version } = options;
  const hasZoom = options.zoom === 'enabled';
  if (hasZoom && version !== 'computer_20251124')
    throw new CodedError('INVALID_ARGUMENT', `"${version}" has no zoom`, { argument: 'zoom' });
  const { screen } = await desktop.act({ actions: [] }, signal);
  const display = options.display ?? largestFit(screen, limitOf(options));
  mustFit(display, screen);
  const picture = pictureFields(options, display);
  const names = Object.keys(computerMembers)
    .filter(isComputerMember)
    .filter((name) => name !== 'zoom' || hasZoom);

  return {
    tool: {
      type: version,
      name: 'computer' as const,
      display_width_px: display.width,
      display_height_px: display.height,
      ...(hasZoom ? { enable_zoom: true } : {}),
    },
    async answer(content: readonly AnyBlock[], turnSignal = new AbortController().signal): Promise<ToolResult[]> {
      const calls = toolUsesOf(content)
        .filter((block) => block.name === 'computer' && (block.toolset_name ?? undefined) === undefined)
        .map((toolUse): Call => ({ toolUse, member: actionName(toolUse.input) }));
      if (calls.length === 0) return [];
      const end = await runTurn(
        calls,
        {
          desktop,
          space: display,
          settle: options.settle ?? {},
          translate: ({ toolUse: { input } }) => {
            const name = oneOf(readFields(input, 'computer call'), 'action', names);
            return mustBeInside(computerAction(name, withoutAction(name, input), picture), name, display);
          },
          confirm: () => true,
          needsConfirm: () => false,
          screenshot: showsNothing(calls) ? picture : undefined,
        },
        turnSignal,
      );
      if (end.reply !== undefined) mustShowDisplay(end.reply, display);
      const results = calls.map((call, i) => renderOutcome(call, end.outcomes[i] ?? { kind: 'skipped' }));
      if (showsNothing(calls) && end.outcomes.every(({ kind }) => kind === 'done'))
        results.at(-1)?.content.push(imageBlock(mustPicture(end.screenshot)));
      return results;
    },
  };
}

/** For messages and for what is rendered; what is not one of the actions is refused when its turn comes. */
function actionName(input: unknown): string {
  const name = typeof input === 'object' && input !== null && 'action' in input ? input.action : undefined;
  return typeof name === 'string' ? name : 'computer call';
}

/** What is left are the fields of the toolset's member of that name. */
function withoutAction(name: ComputerMemberName, input: unknown): Record<string, unknown> {
  const { action: _, ...fields } = readFields(input, name).values;
  return fields;
}

function showsNothing(calls: readonly Call[]): boolean {
  return !calls.some(({ member }) => member === 'screenshot') && calls.at(-1)?.member !== 'zoom';
}

function renderOutcome({ toolUse: { id }, member }: Call, outcome: Outcome): ToolResult {
  switch (outcome.kind) {
    case 'done':
      return { type: 'tool_result', tool_use_id: id, content: resultContent(member, outcome.result) };
    case 'failed':
      return errorResult(id, outcome.message);
    case 'skipped':
      return errorResult(id, 'Not executed: an earlier computer action in this turn failed.');
  }
}

/** The model's coordinates are pixels of `display`; a picture of other proportions would make it miss. */
function mustFit(display: Size, screen: Size): void {
  const expected = Math.round((display.width * screen.height) / screen.width);
  if (display.width <= screen.width && display.height <= screen.height && Math.abs(display.height - expected) <= 1)
    return;
  throw new CodedError(
    'INVALID_ARGUMENT',
    `a display of ${sizeText(display)} cannot show a screen of ${sizeText(screen)}`,
    { argument: 'display', value: sizeText(display) },
    { hint: 'give the display the proportions of the screen, and no more pixels' },
  );
}

function mustShowDisplay(reply: BatchReply, display: Size): void {
  const taken: readonly (Picture | undefined)[] = [
    reply.screenshot,
    ...reply.results.filter((result) => result.do === 'screenshot').map((result) => result.picture),
  ];
  for (const picture of taken) {
    if (picture === undefined) continue;
    if (Math.abs(picture.width - display.width) <= 1 && Math.abs(picture.height - display.height) <= 1) continue;
    throw new CodedError(
      'INVALID_ARGUMENT',
      `the screen was resized to ${sizeText(reply.screen)}, which a display of ${sizeText(display)} cannot show`,
      { argument: 'display', value: sizeText(display) },
      { hint: 'create the tool again, and begin a new conversation with it' },
    );
  }
}

const sizeText = ({ width, height }: Size) => `${width}x${height}`;
