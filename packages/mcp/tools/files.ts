import { concatBytes } from '@bhatti/base/bytes.ts';
import { CodedError } from '@bhatti/base/errors.ts';
import * as v from 'valibot';

import { wholeCharacters } from '../cut.ts';
import { described } from '../json-schema.ts';
import { documentResult } from '../result.ts';
import { sandboxTool, type Tool, type ToolContext } from '../tool.ts';

const defaultReadBytes = 65_536;
const maxReadBytes = 4_194_304;
const maxListed = 1_000; // a directory of more entries than a model reads

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4_096));

export function fileTools(context: ToolContext): readonly Tool[] {
  return [readTool(context), writeTool(context), listTool(context)];
}

function readTool(context: ToolContext): Tool {
  return sandboxTool(
    context,
    {
      name: 'file_read',
      title: 'Read a file',
      description:
        'Reads a file of the sandbox, or a part of it. What is not UTF-8 text comes as base64. A file larger than maxBytes is cut, and says so.',
      scopes: ['files'],
      effect: 'reads',
      world: 'closed',
      entries: {
        path: described(path, 'Absolute path.'),
        offset: described(
          v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))),
          'Byte to begin at; default 0.',
        ),
        maxBytes: described(
          v.optional(v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(maxReadBytes))),
          `Default ${defaultReadBytes}.`,
        ),
        encoding: described(
          v.optional(v.picklist(['text', 'base64'])),
          'How the content is given; default: text where it is UTF-8.',
        ),
      },
    },
    async (caller, sandbox, args) => {
      const { offset = 0, maxBytes = defaultReadBytes } = args;
      const { sizeBytes, chunks } = await context.daemon.files.read(caller, sandbox, args.path);
      const part = await takePart(chunks, offset, maxBytes);
      // A character that the cut splits is left for the next part.
      const whole = offset + part.length < sizeBytes ? wholeCharacters(part) : part;
      const text = args.encoding === 'base64' ? undefined : tryText(whole);
      const bytes = text === undefined ? part : whole;
      if (text === undefined && args.encoding === 'text')
        throw new CodedError(
          'INVALID_ARGUMENT',
          `cannot read "${args.path}" as text: it is not UTF-8`,
          { argument: 'encoding', value: 'text' },
          { hint: 'leave "encoding" out, or say "base64"' },
        );
      const isCut = offset + bytes.length < sizeBytes;
      const content = text ?? Buffer.from(bytes).toString('base64');
      const document = {
        path: args.path,
        sizeBytes,
        offset,
        bytes: bytes.length,
        encoding: text === undefined ? 'base64' : 'text',
        ...(isCut ? { truncated: true } : {}),
        content,
      };
      const note = `\n[bytes ${offset} to ${offset + bytes.length} of ${sizeBytes}; go on with offset ${offset + bytes.length}]`;
      return documentResult(document, isCut ? content + note : content);
    },
  );
}

function writeTool(context: ToolContext): Tool {
  return sandboxTool(
    context,
    {
      name: 'file_write',
      title: 'Write a file',
      description: 'Replaces a file of the sandbox as a whole, or makes it; it then belongs to user lohar.',
      scopes: ['files'],
      effect: 'replaces',
      world: 'closed',
      entries: {
        path: described(path, 'Absolute path.'),
        content: v.string(),
        encoding: described(v.optional(v.picklist(['text', 'base64'])), 'How the content is given; default text.'),
        mode: described(
          v.optional(v.pipe(v.string(), v.regex(/^[0-7]{3,4}$/, 'must be octal, e.g. "0755"'))),
          'Permissions, octal, e.g. "0755".',
        ),
      },
    },
    async (caller, sandbox, { path: to, content, encoding, mode }) => {
      const bytes = encoding === 'base64' ? bytesOf(content) : new TextEncoder().encode(content);
      await context.daemon.files.write(caller, sandbox, to, bytes, mode);
      return documentResult({ path: to, bytes: bytes.length });
    },
  );
}

function listTool(context: ToolContext): Tool {
  return sandboxTool(
    context,
    {
      name: 'file_list',
      title: 'List a directory',
      description: `Lists a directory of the sandbox: names, sizes, modes, times. Of more than ${maxListed} entries the first, and says so.`,
      scopes: ['files'],
      effect: 'reads',
      world: 'closed',
      entries: { path: described(path, 'Absolute path.') },
    },
    async (caller, sandbox, args) => {
      const entries = await context.daemon.files.list(caller, sandbox, args.path);
      const isCut = entries.length > maxListed;
      return documentResult({
        path: args.path,
        entries: entries.slice(0, maxListed),
        ...(isCut ? { truncated: true, count: entries.length } : {}),
      });
    },
  );
}

/** The part of a stream that was asked for; the rest is not fetched. */
async function takePart(chunks: AsyncIterable<Uint8Array>, offset: number, maxBytes: number): Promise<Uint8Array> {
  const taken: Uint8Array[] = [];
  let at = 0;
  let length = 0;
  for await (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, offset - at)).subarray(0, maxBytes - length);
    at += chunk.length;
    length += part.length;
    if (part.length > 0) taken.push(part);
    if (length >= maxBytes) break;
  }
  return concatBytes(taken);
}

/** Bytes as text; undefined when they are not UTF-8. */
function tryText(bytes: Uint8Array): string | undefined {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined; // expected: it is not text
  }
}

function bytesOf(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, 'base64');
  // Buffer skips what is no base64, which would write something else than was meant.
  if (bytes.toString('base64') === base64) return bytes;
  throw new CodedError('INVALID_ARGUMENT', 'invalid arguments: "content": is not base64', { argument: 'content' });
}
