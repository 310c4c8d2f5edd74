import { CodedError } from '@bhatti/base/errors.ts';
import { randomHex, type PublishRuleId } from '@bhatti/base/ids.ts';
import { announce } from '@bhatti/base/log.ts';
import type { PublishRequest, PublishRule } from '@bhatti/wire/control/publish.ts';
import type { SandboxRow } from '../store/sandboxes.ts';
import type { PublishRuleRow, PublishRuleTable } from '../store/publish-rules.ts';
import { newAlias } from './alias.ts';
import { hostOf, urlOf, type PublishZone } from './url.ts';

const attempts = 8; // 16.7 million random parts to a name: a second attempt is rare already

/** All publish rules, in memory as well as in the store: every request of a browser looks one up. */
export class PublishRules {
  readonly #table: PublishRuleTable;
  readonly #byAlias = new Map<string, PublishRuleRow>();

  constructor(table: PublishRuleTable) {
    this.#table = table;
    for (const rule of table.all()) this.#byAlias.set(rule.alias, rule);
  }

  byAlias(alias: string): PublishRuleRow | undefined {
    return this.#byAlias.get(alias);
  }

  of(sandboxId: string): PublishRuleRow[] {
    return [...this.#byAlias.values()].filter((rule) => rule.sandboxId === sandboxId);
  }

  /** A port that is published already keeps its rule, whatever alias is asked for. Throws ALIAS_TAKEN. */
  publish(sandbox: SandboxRow, request: PublishRequest, now: Date): { rule: PublishRuleRow; isExisting: boolean } {
    const existing = this.of(sandbox.id).find((rule) => rule.port === request.port);
    if (existing !== undefined) return { rule: existing, isExisting: true };
    const rule: PublishRuleRow = {
      // SAFETY: this is the one place that makes ids of this brand.
      id: `pub_${randomHex(6)}` as PublishRuleId,
      sandboxId: sandbox.id,
      port: request.port,
      alias: request.alias ?? this.#freeAlias(sandbox.name),
      createdAt: now.toISOString(),
    };
    if (this.#byAlias.has(rule.alias)) throw aliasTaken(rule.alias);
    this.#table.insert(rule);
    this.#byAlias.set(rule.alias, rule);
    announce('publish:rule', { sandbox: sandbox.name, port: rule.port, alias: rule.alias });
    return { rule, isExisting: false };
  }

  /** Throws PUBLISH_RULE_NOT_FOUND. */
  unpublish(sandbox: SandboxRow, port: number): void {
    const rule = this.of(sandbox.id).find((candidate) => candidate.port === port);
    if (rule === undefined)
      throw new CodedError('PUBLISH_RULE_NOT_FOUND', `sandbox "${sandbox.name}" does not publish port ${port}`, {
        sandbox: sandbox.name,
        port,
      });
    this.#table.delete(rule.id);
    this.#byAlias.delete(rule.alias);
    announce('publish:rule', { sandbox: sandbox.name, port, removed: rule.alias });
  }

  /** The store has dropped the rules of a sandbox that is gone. */
  forget(sandboxId: string): void {
    for (const rule of this.of(sandboxId)) this.#byAlias.delete(rule.alias);
  }

  #freeAlias(name: string): string {
    for (let attempt = 1; attempt < attempts; attempt += 1) {
      const alias = newAlias(name);
      if (!this.#byAlias.has(alias)) return alias;
    }
    return newAlias(`${name}-${randomHex(3)}`);
  }
}

/** A rule as the API shows it. */
export function viewRule(rule: PublishRuleRow, zone: PublishZone): PublishRule {
  return {
    id: rule.id,
    sandbox_id: rule.sandboxId,
    port: rule.port,
    alias: rule.alias,
    url: urlOf(zone, rule.alias),
    host: hostOf(zone, rule.alias),
    connect: zone.connect,
    ...(zone.tunnel === undefined ? {} : { tunnel: zone.tunnel }),
    created_at: rule.createdAt,
  };
}

function aliasTaken(alias: string): CodedError {
  return new CodedError(
    'ALIAS_TAKEN',
    `alias "${alias}" is taken`,
    { alias },
    { hint: 'choose another, or leave it out for one that is free' },
  );
}
