import { CodedError } from '@bhatti/base/errors.ts';
import { encodeError } from '@bhatti/wire/error.ts';
import type { Picture } from '@bhatti/wire/display/action.ts';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

/**
 * A result without pictures, twice: as text, and as a document. Each says all there is, since some clients give their model the one and some the other. Where there is
 * no text of its own, it is the document's.
 */
export function documentResult(document: object, text = JSON.stringify(document)): CallToolResult {
  return { content: [{ type: 'text', text }], structuredContent: { ...document } };
}

/**
 * A result with pictures. It has no structured content, only the document as text: several clients (Claude Code and Codex among them) drop all content, and so the
 * pictures, of a result that has.
 */
export function pictureResult(document: object, pictures: readonly Picture[]): CallToolResult {
  if (pictures.length === 0) return documentResult(document);
  const images = pictures.map(({ format, data }) => ({
    type: 'image' as const,
    data: checkedBase64(data),
    mimeType: `image/${format}`,
  }));
  return { content: [{ type: 'text', text: JSON.stringify(document) }, ...images] };
}

/** Code, message and hint as the model is to read them, and the error as it travels on our other wires. */
export function errorResult(error: CodedError): CallToolResult {
  const { error: _, ...document } = encodeError(error);
  const lines = [`${error.code}: ${error.message}`, ...error.log.slice(-shownLogLines).map((line) => `  ${line}`)];
  if (error.hint !== undefined) lines.push(`hint: ${error.hint}`);
  return { ...documentResult({ error: document }, lines.join('\n')), isError: true };
}

const shownLogLines = 15; // as the command line shows; all of them are in the document

// The bytes come from a guest.
function checkedBase64(data: string): string {
  if (data.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(data)) return data;
  const peer = 'the desktop';
  throw new CodedError('PROTOCOL_VIOLATION', `unreadable picture from ${peer}: it is not base64`, { peer });
}
