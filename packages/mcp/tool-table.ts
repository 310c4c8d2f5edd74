import type { Scopes } from './access/scope.ts';
import type { Tool, ToolContext } from './tool.ts';
import { batchTool } from './tools/batch.ts';
import { desktopTools } from './tools/desktop.ts';
import { execTool } from './tools/exec.ts';
import { fileTools } from './tools/files.ts';
import { publishTools } from './tools/publish.ts';
import { sandboxTools } from './tools/sandbox.ts';

/** The tools of a server by name: those that one of its scopes covers, and no others. */
export function toolsOf(context: ToolContext): ReadonlyMap<string, Tool> {
  const every = [
    ...sandboxTools(context),
    execTool(context),
    ...fileTools(context),
    ...publishTools(context),
    batchTool(context),
    ...desktopTools(context),
  ];
  const allowed = every.filter((tool) => isAllowed(tool, context.access.scopes));
  return new Map(allowed.map((tool) => [tool.name, tool]));
}

function isAllowed(tool: Tool, scopes: Scopes): boolean {
  return tool.scopes.some((scope) => scopes.has(scope));
}
