import type { Picture } from '@bhatti/wire/display/action.ts';

/* The blocks of the Messages API that the drivers write, as plain data: they fit the types of `@anthropic-ai/sdk`, which is not loaded. */

export interface TextBlock {
  type: 'text';
  text: string;
}

export interface ImageBlock {
  type: 'image';
  source: { type: 'base64'; media_type: 'image/png' | 'image/jpeg' | 'image/webp'; data: string };
}

export interface ToolResult<Content = TextBlock | ImageBlock> {
  type: 'tool_result';
  tool_use_id: string;
  content: Content[];
  is_error?: true;
  toolset_name?: string;
}

export function textBlock(text: string): TextBlock {
  return { type: 'text', text };
}

export function imageBlock(picture: Pick<Picture, 'format' | 'data'>): ImageBlock {
  return {
    type: 'image',
    source: { type: 'base64', media_type: `image/${picture.format}`, data: picture.data },
  };
}

/** A failed call's result: text alone, as the API wants it. */
export function errorResult(toolUseId: string, text: string): ToolResult<TextBlock> {
  return { type: 'tool_result', tool_use_id: toolUseId, content: [textBlock(text)], is_error: true };
}

/** Any block of an assistant's message. */
export interface AnyBlock {
  readonly type: string;
}

interface ToolUseBlock extends AnyBlock {
  readonly id: string;
  readonly name: string;
  readonly input: unknown;
  readonly toolset_name?: string | null;
}

/** The `tool_use` blocks of a message, in order. */
export function toolUsesOf(content: readonly AnyBlock[]): ToolUseBlock[] {
  return content.filter(isToolUse);
}

function isToolUse(block: AnyBlock): block is ToolUseBlock {
  return (
    block.type === 'tool_use' && 'id' in block && typeof block.id === 'string' && 'name' in block && 'input' in block
  );
}
