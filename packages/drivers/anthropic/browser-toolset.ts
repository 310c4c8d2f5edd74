import { CodedError } from '@bhatti/base/errors.ts';
import { abortReason } from '@bhatti/base/operation.ts';

import { modelFailure } from '../failure.ts';
import {
  errorResult,
  textBlock,
  toolUsesOf,
  type AnyBlock,
  type ImageBlock,
  type TextBlock,
  type ToolResult,
} from './blocks.ts';
import type { BrowserState } from './browser/browser.ts';
import { isBrowserMember, offByDefault, stateOnly, type BrowserMemberName } from './browser/members.ts';
import type { MemberResult } from './browser/member.ts';
import { createBrowserMembers, type BrowserMembers, type BrowserMembersOptions } from './browser-members.ts';
import { isMemberOn } from './member-configs.ts';
import type { Confirm, ToolUse } from './turn.ts';

export interface BrowserToolsetOptions extends BrowserMembersOptions {
  /** Asked before each `javascript_exec` and `file_upload`; the call is declined unless it answers true. Needed while one of the two is on. */
  readonly confirm?: Confirm;
}

export interface BrowserStateBlock extends BrowserState {
  type: 'browser_state';
}

type Content = TextBlock | ImageBlock | BrowserStateBlock;

const toolsetName = 'browser';
const notExecuted = 'Not executed: an earlier browser action in this turn failed.';
const confirmed: readonly BrowserMemberName[] = ['javascript_exec', 'file_upload'];

/**
 * `browser_toolset_20260801` of the Messages API, on one Chromium. `tool` is the entry for `tools`; `answer` carries out the calls of an assistant's message, in order and up
 * to the first that fails, and gives the results for the next user's message. It throws what is no business of the model's: the browser vanished, the signal was aborted.
 */
export async function createBrowserToolset(options: BrowserToolsetOptions) {
  const isOn = (name: BrowserMemberName) => isMemberOn(name, options.configs, offByDefault);
  const { confirm } = options;
  if (confirm === undefined && confirmed.some(isOn))
    throw new CodedError(
      'INVALID_ARGUMENT',
      `"confirm" is missing: it is asked before ${confirmed.filter(isOn).join(', ')}`,
      {
        argument: 'confirm',
      },
    );
  const members = await createBrowserMembers(options);

  const run = async (toolUse: ToolUse, signal: AbortSignal): Promise<Content[] | { readonly failure: string }> => {
    const { name, input } = toolUse;
    try {
      if (signal.aborted) throw abortReason(signal);
      if (!isBrowserMember(name) || !isOn(name)) throw notServed(name);
      if (confirmed.includes(name) && (await confirm?.({ member: name, input })) !== true)
        return { failure: `${name} was not carried out: it was declined` };
      return await contentOf(name, await members.execute({ signal }, name, input), members);
    } catch (error) {
      return { failure: modelFailure(name, browserFailure(error)) };
    }
  };

  return {
    tool: {
      type: 'browser_toolset_20260801' as const,
      ...(options.configs === undefined ? {} : { configs: options.configs }),
    },
    async answer(content: readonly AnyBlock[], signal = new AbortController().signal): Promise<ToolResult<Content>[]> {
      const results: ToolResult<Content>[] = [];
      let hasFailed = false;
      for (const toolUse of toolUsesOf(content).filter((block) => block.toolset_name === toolsetName)) {
        const mark = { toolset_name: toolsetName };
        const outcome = hasFailed ? { failure: notExecuted } : await run(toolUse, signal);
        if ('failure' in outcome) {
          hasFailed = true;
          members.forgetOpened();
          results.push({ ...errorResult(toolUse.id, outcome.failure), ...mark });
        } else results.push({ type: 'tool_result', tool_use_id: toolUse.id, content: outcome, ...mark });
      }
      return results;
    },
    /** Lets go of the browser, which runs on. */
    close: () => members.close(),
  };
}

async function contentOf(name: BrowserMemberName, result: MemberResult, members: BrowserMembers): Promise<Content[]> {
  const state: BrowserStateBlock = { type: 'browser_state', ...(await members.browserState()) };
  // A notice waits for a result that has room for it.
  if (stateOnly.includes(name)) return [state];
  return [...blocksOf(result), ...members.takeNotices().map(textBlock), state];
}

function blocksOf(result: MemberResult): (TextBlock | ImageBlock)[] {
  if (result === undefined) return [textBlock('Done.')];
  if (typeof result === 'string') return [textBlock(result)];
  if ('data' in result)
    return [{ type: 'image', source: { type: 'base64', media_type: result.mediaType, data: result.data } }];
  if (Array.isArray(result) || !('url' in result) || 'tab_id' in result) return [];
  const status = result.status === undefined ? '' : ` (HTTP ${result.status})`;
  return [textBlock(`At ${result.url}${result.title === '' ? '' : `, "${result.title}"`}${status}`)];
}

/** What the browser refuses is for the model to read: the element or the page is not as it took it to be. */
function browserFailure(error: unknown): unknown {
  if (!(error instanceof CodedError) || error.code !== 'PROTOCOL_VIOLATION') return error;
  return new CodedError('INVALID_ARGUMENT', error.message, { argument: '' }, { cause: error });
}

function notServed(name: string): CodedError<'INVALID_ARGUMENT'> {
  return new CodedError('INVALID_ARGUMENT', `the browser toolset has no member "${name}", or it is switched off`, {
    argument: 'name',
    value: name,
  });
}
