import type {
  BetaBrowserToolUseBlock,
  BetaToolResultBlockParam,
} from '@anthropic-ai/sdk/resources/beta/messages/messages';
import { createBrowserToolset, type BrowserToolsetOptions } from '@bhatti/drivers/anthropic/browser-toolset.ts';
import { openCdpSocket } from '@bhatti/drivers/cdp/web-socket.ts';

type Name = BetaBrowserToolUseBlock['name'];
export type BrowserInput<Member extends Name> = Extract<BetaBrowserToolUseBlock, { name: Member }>['input'];

type Block = Exclude<NonNullable<BetaToolResultBlockParam['content']>, string>[number];

/** Does what a model does with the browser toolset, with inputs as the vendor types them, and reads the results as such. */
export async function openOperator(url: string, options: Omit<BrowserToolsetOptions, 'connection'> = {}) {
  const connection = await openCdpSocket(url);
  const toolset = await createBrowserToolset({ connection, ...options });
  let lastId = 0;

  const turn = (
    calls: readonly { readonly name: string; readonly input: unknown }[],
    signal?: AbortSignal,
  ): Promise<BetaToolResultBlockParam[]> =>
    toolset.answer(
      calls.map((call) => ({ type: 'tool_use', id: `call_${++lastId}`, toolset_name: 'browser', ...call })),
      signal,
    );
  /** One call; its blocks when it succeeds. */
  const use = async <Member extends Name>(name: Member, input: BrowserInput<Member>): Promise<readonly Block[]> => {
    const [result] = await turn([{ name, input }]);
    if (result === undefined || result.is_error === true) throw new Error(textOf(result));
    return blocksOf(result);
  };
  return {
    toolset,
    connection,
    turn,
    use,
    /** Its text. */
    text: async <Member extends Name>(name: Member, input: BrowserInput<Member>): Promise<string> =>
      (await use(name, input))
        .map((block) => (block.type === 'text' ? block.text : ''))
        .join('\n')
        .trim(),
    /** What the model reads when it fails. */
    async failure(name: string, input: unknown): Promise<string> {
      const [result] = await turn([{ name, input }]);
      return result?.is_error === true ? textOf(result) : `it succeeded: ${textOf(result)}`;
    },
    /** A script's value, past the driver. */
    async value(expression: string): Promise<unknown> {
      return JSON.parse(await this.text('javascript_exec', { text: `JSON.stringify(${expression}) ?? 'null'` }));
    },
    [Symbol.dispose]: () => toolset.close(),
  };
}

export function blocksOf(result: BetaToolResultBlockParam): readonly Block[] {
  return Array.isArray(result.content) ? result.content : [];
}

export function textOf(result: BetaToolResultBlockParam | undefined): string {
  if (result === undefined) return 'no result';
  return blocksOf(result)
    .map((block) => (block.type === 'text' ? block.text : `[${block.type}]`))
    .join('\n');
}

/** The name of the element whose line holds `text`. */
export function refIn(page: string, text: string): string {
  const line = page.split('\n').find((candidate) => candidate.includes(text));
  const ref = /\[(ref_\d+)\]/.exec(line ?? '')?.[1];
  if (ref === undefined) throw new Error(`no element "${text}" in:\n${page}`);
  return ref;
}
