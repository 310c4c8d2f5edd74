import { CreateRequestSchema } from '@bhatti/wire/control/sandbox.ts';

import { creatable, isOwn, listReachable, outOfReach } from '../access/reach.ts';
import { described } from '../json-schema.ts';
import { documentResult } from '../result.ts';
import { hostTool, sandboxTool, type Tool, type ToolContext } from '../tool.ts';

/** Sandboxes as a whole: which there are, and their lives. */
export function sandboxTools(context: ToolContext): readonly Tool[] {
  const { daemon } = context;
  return [
    createTool(context),
    hostTool(
      {
        name: 'sandbox_list',
        title: 'List sandboxes',
        description: 'Lists the sandboxes that this server may use, with status, image and URLs.',
        scopes: ['see', 'manage'],
        effect: 'reads',
        world: 'closed',
        entries: {},
      },
      async (caller) => documentResult({ sandboxes: await listReachable(daemon, context.access.reach, caller) }),
    ),
    sandboxTool(
      context,
      {
        name: 'sandbox_get',
        title: 'Show a sandbox',
        description: 'Shows all about one sandbox.',
        scopes: ['see', 'manage'],
        effect: 'reads',
        world: 'closed',
        entries: {},
      },
      async (caller, sandbox) => documentResult(await daemon.sandboxes.get(caller, sandbox)),
    ),
    verbTool(context, 'start', 'ensures', 'Starts a stopped sandbox. Any use of a stopped one does so too.'),
    verbTool(context, 'stop', 'replaces', 'Stops a sandbox: its programs end, its files stay.'),
    verbTool(context, 'pause', 'ensures', 'Freezes a sandbox as it stands. Any use of it lets it go on.'),
    verbTool(context, 'resume', 'ensures', 'Lets a paused sandbox go on.'),
    sandboxTool(
      context,
      {
        name: 'sandbox_destroy',
        title: 'Destroy a sandbox',
        description: 'Removes a sandbox and all that is in it, for good.',
        scopes: ['manage'],
        effect: 'replaces',
        world: 'closed',
        entries: {},
      },
      async (caller, sandbox) => {
        await daemon.sandboxes.destroy(caller, sandbox);
        return documentResult({ destroyed: sandbox });
      },
    ),
  ];
}

function createTool({ daemon, access }: ToolContext): Tool {
  // `init` and `files` are left out: they would be exec and files without their scopes.
  const { name, image, cpus, memory_mb, disk_size_mb, env, keep_hot, labels } = CreateRequestSchema.entries;
  return hostTool(
    {
      name: 'sandbox_create',
      title: 'Create a sandbox',
      description:
        'Makes a sandbox, a whole Linux computer of its own, starts it and waits until it is usable. Image "computer" has a desktop (XFCE, Chromium), "minimal" has none. ' +
        'Give a name to find it again; one that has the name and is what was asked for is returned as it is.',
      scopes: ['manage'],
      effect: 'adds',
      world: 'closed',
      entries: {
        name: described(name, 'Letters, digits, ".", "_", "-".'),
        image: described(image, '"computer" or "minimal".'),
        cpus: described(cpus, 'Cores, fractions allowed.'),
        memory_mb,
        disk_size_mb,
        env: described(env, 'Environment of every command.'),
        keep_hot: described(keep_hot, 'Never pause it by itself.'),
        labels,
      },
    },
    async (caller, args) => {
      const { sandbox, isExisting } = await daemon.sandboxes.create(caller, creatable(access.reach, args));
      // The daemon answers with one that has the name, whoever made it.
      if (access.reach.kind === 'own' && !isOwn(sandbox))
        throw outOfReach(sandbox.name, 'one with this name exists, and was not created by it', {
          hint: 'choose another name',
        });
      return documentResult({ ...sandbox, existing: isExisting });
    },
  );
}

function verbTool(
  context: ToolContext,
  verb: 'start' | 'stop' | 'pause' | 'resume',
  effect: 'ensures' | 'replaces',
  description: string,
): Tool {
  return sandboxTool(
    context,
    {
      name: `sandbox_${verb}`,
      title: `${verb[0]?.toUpperCase()}${verb.slice(1)} a sandbox`,
      description,
      scopes: ['manage'],
      effect,
      world: 'closed',
      entries: {},
    },
    async (caller, sandbox) => documentResult(await context.daemon.sandboxes[verb](caller, sandbox)),
  );
}
