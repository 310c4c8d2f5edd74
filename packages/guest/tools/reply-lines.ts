/** The JSON documents of a reply, one a line, as they come. */
export async function* readLines<T>(reply: Response): AsyncGenerator<T> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of reply.body ?? []) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    // SAFETY: the other side is lohar, this same executable as root.
    for (const line of lines) yield JSON.parse(line) as T;
  }
}
