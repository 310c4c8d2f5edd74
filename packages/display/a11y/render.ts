import type { TreeNode, Unread } from '@bhatti/wire/display/a11y.ts';
import { quietWords } from './state.ts';

/** The tree as text, a line an element. Whatever programs say is in quotes, so that no name can pass for a line of its own. */
export function renderTree(nodes: readonly TreeNode[], unread: readonly Unread[], isTruncated: boolean): string {
  const lines = nodes.map(renderNode);
  for (const { name, pid, reason } of unread) {
    lines.push(`- application ${JSON.stringify(name)} pid=${pid}: not read: ${reason}`);
  }
  if (isTruncated) lines.push('- more is there than is shown');
  return lines.map((line) => `${line}\n`).join('');
}

function renderNode(node: TreeNode): string {
  const { depth, role, name, ref, value, states, bounds, pid } = node;
  const parts = [`${'  '.repeat(depth)}- ${role}`];
  if (name !== '') parts.push(JSON.stringify(name));
  parts.push(`[ref=${ref}]`);
  for (const state of states) if (!quietWords.has(state)) parts.push(`[${state}]`);
  if (value !== undefined) parts.push(`value=${JSON.stringify(value)}`);
  if (role === 'application') parts.push(`pid=${pid}`);
  if (bounds !== undefined) parts.push(`(${bounds.x},${bounds.y} ${bounds.width}x${bounds.height})`);
  return parts.join(' ');
}
