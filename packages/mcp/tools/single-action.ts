import { ActionSchema, type ActionName } from '@bhatti/wire/display/action.ts';
import { decodeRequest } from '@bhatti/wire/schema.ts';
import * as v from 'valibot';

import { ACTION_SCOPES } from '../access/scope.ts';
import { described } from '../json-schema.ts';
import { sandboxTool, type Tool, type ToolContext, type ToolSpec } from '../tool.ts';
import { act, singleResult } from './act.ts';

export interface SingleActionSpec extends Pick<ToolSpec<v.ObjectEntries>, 'name' | 'title' | 'description' | 'effect'> {
  readonly action: ActionName;
  /** What its fields are, where their names do not say it. */
  readonly about?: Readonly<Record<string, string>>;
}

/** A tool that is one action of the vocabulary: its arguments are the action's fields, and, where it acts, whether to look at the screen afterwards. */
export function singleActionTool(context: ToolContext, spec: SingleActionSpec): Tool {
  const { action, about = {}, ...rest } = spec;
  const scope = ACTION_SCOPES[action];
  const looks = scope === 'act' && context.access.scopes.has('see') ? lookEntries : {};
  return sandboxTool(
    context,
    { ...rest, scopes: [scope], world: 'open', entries: { ...fieldsOf(action, about), ...looks } },
    async (caller, sandbox, { screenshot, ...args }) => {
      // Its fields were checked already; here they become an action in the eyes of the compiler as well.
      const decoded = decodeRequest(ActionSchema, { do: action, ...args }, 'arguments');
      const look = screenshot === true && action !== 'screenshot' ? { settle: {}, screenshot: {} } : {};
      return singleResult(await act(context, caller, sandbox, { actions: [decoded], ...look }));
    },
  );
}

const lookEntries: v.ObjectEntries = {
  screenshot: described(v.optional(v.boolean()), 'Also give a picture of the screen, once it is at rest.'),
};

function fieldsOf(action: ActionName, about: Readonly<Record<string, string>>): v.ObjectEntries {
  const option = ActionSchema.options.find(({ entries }) => entries.do.literal === action);
  const { do: _, ...fields }: v.ObjectEntries = option?.entries ?? {};
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => {
      const text = about[name];
      return [name, text === undefined ? field : described(field, text)];
    }),
  );
}
