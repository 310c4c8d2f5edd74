import { CodedError } from '@bhatti/base/errors.ts';
import { sandboxNamePattern } from '@bhatti/wire/control/sandbox.ts';

import type { Reach } from './reach.ts';
import { parseScopes, scopes, type Scopes } from './scope.ts';

/** What a server may do, and to which sandboxes. */
export interface Access {
  readonly scopes: Scopes;
  readonly reach: Reach;
}

export interface AccessWish {
  /** Of `--allow`, as written; undefined without it. */
  readonly allow: readonly string[] | undefined;
  /** Of `--sandbox`, as written; undefined without it. */
  readonly sandboxes: readonly string[] | undefined;
}

/**
 * | given | may | to |
 * |---|---|---|
 * | nothing | everything | sandboxes that were made through it |
 * | `--sandbox` | everything but `manage` | these |
 * | `--allow` | these | every sandbox |
 * | both | these | these |
 *
 * So a line in a client's configuration is useful as it stands, and without a word of the user's nothing that was there before can come to harm.
 */
export function accessOf({ allow, sandboxes }: AccessWish): Access {
  const allowed = allow === undefined ? undefined : parseScopes(allow);
  if (sandboxes !== undefined)
    return {
      scopes: allowed ?? new Set(scopes.filter((scope) => scope !== 'manage')),
      reach: { kind: 'named', names: sandboxes.map(checkedName) },
    };
  if (allowed !== undefined) return { scopes: allowed, reach: { kind: 'all' } };
  return { scopes: new Set(scopes), reach: { kind: 'own' } };
}

function checkedName(name: string): string {
  if (sandboxNamePattern.test(name)) return name;
  throw new CodedError(
    'INVALID_ARGUMENT',
    `invalid value "${name}" for --sandbox: it must be the name or id of one sandbox`,
    { argument: '--sandbox', value: name },
    { hint: 'repeat --sandbox for several' },
  );
}
