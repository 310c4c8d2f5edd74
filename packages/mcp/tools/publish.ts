import { PublishRequestSchema } from '@bhatti/wire/control/publish.ts';

import { described } from '../json-schema.ts';
import { documentResult } from '../result.ts';
import { sandboxTool, type Tool, type ToolContext } from '../tool.ts';

export function publishTools(context: ToolContext): readonly Tool[] {
  const { daemon } = context;
  const { port, alias } = PublishRequestSchema.entries;
  return [
    sandboxTool(
      context,
      {
        name: 'publish',
        title: 'Publish a port',
        description:
          'Gives a TCP port of the sandbox a URL, under which HTTP and WebSocket reach what listens there. The desktop is port 6080. A port that is published keeps its URL.',
        scopes: ['publish'],
        effect: 'ensures',
        world: 'open',
        entries: {
          port: described(port, 'Port in the sandbox.'),
          alias: described(alias, 'First label of the host name; one is made up without it.'),
        },
      },
      async (caller, sandbox, args) => documentResult(await daemon.publish.create(caller, sandbox, args)),
    ),
    sandboxTool(
      context,
      {
        name: 'unpublish',
        title: 'Take a URL away',
        description: 'Takes the URL of a published port away.',
        scopes: ['publish'],
        effect: 'replaces',
        world: 'open',
        entries: { port },
      },
      async (caller, sandbox, args) => {
        await daemon.publish.delete(caller, sandbox, args.port);
        return documentResult({ unpublished: args.port });
      },
    ),
    sandboxTool(
      context,
      {
        name: 'published',
        title: 'List published ports',
        description: 'Lists the published ports of the sandbox with their URLs.',
        scopes: ['publish'],
        effect: 'reads',
        world: 'closed',
        entries: {},
      },
      async (caller, sandbox) => documentResult({ rules: await daemon.publish.list(caller, sandbox) }),
    ),
  ];
}
