import { CodedError } from '@bhatti/base/errors.ts';
import type { Picture, SettleRequest } from '@bhatti/wire/display/action.ts';

import { mustPicture, type Desktop } from '../desktop.ts';
import { mustBeInside } from '../inside.ts';
import { errorResult, imageBlock, toolUsesOf, type AnyBlock, type ToolResult } from './blocks.ts';
import { computerAction, isComputerMember, type ComputerMemberName } from './computer-action.ts';
import { resultContent } from './computer-result.ts';
import { openComputerView } from './computer-view.ts';
import { isMemberOn, type MemberConfigs } from './member-configs.ts';
import { limitOf, pictureFields, type PictureOptions } from './picture.ts';
import { runTurn, type Call, type Confirm, type Outcome, type TurnEnd } from './turn.ts';

export interface ComputerToolsetOptions extends PictureOptions {
  readonly desktop: Desktop;
  /** Asked before each `type`, `key` and `hold_key`; the call is declined unless it answers true. Needed while any of the three is on. */
  readonly confirm?: Confirm;
  /** Switches members off, as the API has it: `{ hold_key: { enabled: false } }`. */
  readonly configs?: MemberConfigs<ComputerMemberName>;
  /** How long an action waits for the screen to come to rest. */
  readonly settle?: SettleRequest;
}

/** The API asks for this sentence, word by word. */
const notExecuted = 'Not executed: an earlier computer action in this turn failed.';

const toolsetName = 'computer';
const confirmed: readonly ComputerMemberName[] = ['type', 'key', 'hold_key'];

/**
 * `computer_toolset_20260801` of the Messages API, on one desktop. `tool` is the entry for `tools`; `answer` carries out the calls of an assistant's message and gives
 * the results for the next user's message. It throws what is no business of the model's: the sandbox vanished, the signal was aborted, a defect. One turn at a time.
 */
export function createComputerToolset(options: ComputerToolsetOptions) {
  const isOn = (member: string) => isComputerMember(member) && isMemberOn(member, options.configs);
  const confirm = options.confirm ?? mustNotAsk(confirmed.filter(isOn));
  const view = openComputerView(options.desktop, limitOf(options));

  return {
    tool: {
      type: 'computer_toolset_20260801' as const,
      ...(options.configs === undefined ? {} : { configs: options.configs }),
    },
    async answer(content: readonly AnyBlock[], signal = new AbortController().signal): Promise<ToolResult[]> {
      const calls = toolUsesOf(content)
        .filter((block) => block.toolset_name === toolsetName)
        .map((toolUse): Call => ({ toolUse, member: toolUse.name }));
      if (calls.length === 0) return [];
      const space = await view.space(signal);
      const picture = pictureFields(options, await view.fit(signal));
      const end = await runTurn(
        calls,
        {
          desktop: options.desktop,
          space,
          settle: options.settle ?? {},
          translate: ({ member, toolUse }) => {
            if (!isComputerMember(member) || !isOn(member)) throw notServed(member);
            // A part of the screen is shown as large as the whole of it is.
            const fields = member === 'zoom' ? { ...picture, fit: space } : picture;
            return mustBeInside(computerAction(member, toolUse.input, fields), member, space);
          },
          confirm,
          needsConfirm: (member) => confirmed.some((name) => name === member),
          screenshot: needsScreenshot(calls) ? picture : undefined,
        },
        signal,
      );
      if (end.reply !== undefined) view.note(end.reply, lastPicture(calls, end));
      return renderTurn(calls, end);
    },
  };
}

/** A turn that shows the model nothing of what it did gets a picture. */
function needsScreenshot(calls: readonly Call[]): boolean {
  return !calls.some(({ member }) => member === 'screenshot') && calls.at(-1)?.member !== 'zoom';
}

function lastPicture(calls: readonly Call[], { outcomes, screenshot }: TurnEnd): Picture | undefined {
  const taken = outcomes.flatMap((outcome, i) =>
    outcome.kind === 'done' && calls[i]?.member === 'screenshot' ? [outcome.result.picture] : [],
  );
  return screenshot ?? taken.at(-1);
}

function renderTurn(calls: readonly Call[], { outcomes, screenshot }: TurnEnd): ToolResult[] {
  const results = calls.map((call, i) => renderOutcome(call, outcomes[i] ?? { kind: 'skipped' }));
  if (needsScreenshot(calls) && outcomes.every(({ kind }) => kind === 'done'))
    results.at(-1)?.content.push(imageBlock(mustPicture(screenshot)));
  return results;
}

function renderOutcome({ toolUse: { id }, member }: Call, outcome: Outcome): ToolResult {
  const mark = { toolset_name: toolsetName };
  switch (outcome.kind) {
    case 'done':
      return { type: 'tool_result', tool_use_id: id, content: resultContent(member, outcome.result), ...mark };
    case 'failed':
      return { ...errorResult(id, outcome.message), ...mark };
    case 'skipped':
      return { ...errorResult(id, notExecuted), ...mark };
  }
}

function notServed(member: string): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', `the computer toolset has no member "${member}", or it is switched off`, {
    argument: 'name',
    value: member,
  });
}

function mustNotAsk(members: readonly string[]): Confirm {
  if (members.length === 0) return () => false;
  throw new CodedError(
    'INVALID_ARGUMENT',
    `"confirm" is missing: it is asked before ${members.join(', ')}`,
    { argument: 'confirm' },
    { hint: 'pass () => true where nobody need be asked, or switch the members off by "configs"' },
  );
}
