import { Api } from '@bhatti/client/api.ts';
import { ActionSchema, BatchSchema } from '@bhatti/wire/display/action.ts';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { describe, expect, test } from 'bun:test';
import * as v from 'valibot';

import { accessOf } from './access/access.ts';
import { scopes, type Scope } from './access/scope.ts';
import { daemonOf } from './daemon.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { toolsOf } from './tool-table.ts';

const noDaemon = daemonOf(
  new Api({
    address: 'nowhere',
    request: () => Promise.reject(new Error('no tool is called here')),
    openSocket: () => Promise.reject(new Error('no tool is called here')),
  }),
);

const toolsFor = (allow: readonly string[] | undefined, sandboxes?: readonly string[]) =>
  toolsOf({ daemon: noDaemon, access: accessOf({ allow, sandboxes }), space: undefined });
const namesFor = (...given: Parameters<typeof toolsFor>) => [...toolsFor(...given).keys()];

describe('the tools', () => {
  test('of a scope are these and no others', () => {
    const desktopReads = ['screenshot', 'zoom', 'windows', 'clipboard_read', 'wait'];
    const lives = ['create', 'start', 'stop', 'pause', 'resume', 'destroy'].map((verb) => `sandbox_${verb}`);
    const byScope: Readonly<Record<Scope, readonly string[]>> = {
      see: ['sandbox_list', 'sandbox_get', 'computer_actions', ...desktopReads],
      act: 'computer_actions click drag scroll type_text press_keys clipboard_write open launch'.split(' '),
      exec: ['exec'],
      files: ['file_read', 'file_write', 'file_list'],
      publish: ['publish', 'unpublish', 'published'],
      manage: ['sandbox_list', 'sandbox_get', ...lives],
    };
    for (const scope of scopes)
      expect([scope, namesFor([scope]).toSorted()]).toEqual([scope, [...byScope[scope]].toSorted()]);
    expect(namesFor(undefined).toSorted()).toEqual([...new Set(Object.values(byScope).flat())].toSorted());
    expect(namesFor(undefined, ['desk'])).not.toContain('sandbox_destroy');
  });

  test('have unique names that every client takes, a title and a description', () => {
    for (const tool of toolsFor(undefined).values()) {
      expect(tool.name).toMatch(/^[a-z_]{1,40}$/);
      expect(tool.description.length).toBeGreaterThan(10);
      expect(tool.annotations.title).toBe(tool.title);
    }
  });

  test('say that they only read where they do, and warn where they can destroy', () => {
    const tools = [...toolsFor(undefined).values()];
    const namesWith = (hint: 'readOnlyHint' | 'destructiveHint' | 'idempotentHint') =>
      tools.flatMap(({ name, annotations }) => (annotations[hint] === true ? [name] : [])).toSorted();
    expect(namesWith('readOnlyHint')).toEqual(
      'clipboard_read file_list file_read published sandbox_get sandbox_list screenshot wait windows zoom'.split(' '),
    );
    expect(namesWith('destructiveHint')).toEqual(
      'click clipboard_write computer_actions drag exec file_write launch press_keys sandbox_destroy sandbox_stop type_text unpublish'.split(
        ' ',
      ),
    );
    const reading = new Set(namesWith('readOnlyHint'));
    expect(namesWith('destructiveHint').filter((name) => reading.has(name))).toEqual([]);
    expect(namesWith('idempotentHint').filter((name) => !reading.has(name))).toEqual(
      'clipboard_write file_write publish sandbox_destroy sandbox_pause sandbox_resume sandbox_start sandbox_stop unpublish'.split(
        ' ',
      ),
    );
    expect(toolsFor(['see']).get('computer_actions')?.annotations.readOnlyHint).toBe(true);
  });

  test('need a sandbox, unless there is only one', () => {
    const required = (tools: ReturnType<typeof toolsFor>) => tools.get('exec')?.inputSchema.required;
    expect(required(toolsFor(['exec']))).toEqual(['sandbox', 'command']);
    expect(required(toolsFor(undefined, ['a', 'b']))).toEqual(['sandbox', 'command']);
    expect(required(toolsFor(undefined, ['a']))).toEqual(['command']);
  });
});

describe('computer_actions', () => {
  const shownActions = (allow: readonly string[]) => {
    const text = JSON.stringify(toolsFor(allow).get('computer_actions')?.inputSchema.properties?.['actions']);
    return [...text.matchAll(/"const":"(\w+)"/g)].map(([, name]) => name ?? '').toSorted();
  };

  test('tells of every action', () => {
    const description = toolsFor(undefined).get('computer_actions')?.description ?? '';
    for (const { entries } of ActionSchema.options)
      expect(description).toMatch(new RegExp(`\\b${entries.do.literal}\\b`));
  });

  test('shows the actions that its scopes allow', () => {
    const every = ActionSchema.options.map(({ entries }) => entries.do.literal).toSorted();
    expect(shownActions(['see', 'act'])).toEqual(every);
    expect([...shownActions(['see']), ...shownActions(['act'])].toSorted()).toEqual(every);
    expect(shownActions(['see'])).not.toContain('click');
    expect(shownActions(['act'])).not.toContain('screenshot');
    expect(toolsFor(['act']).get('computer_actions')?.inputSchema.properties).not.toHaveProperty('screenshot');
  });

  test('has a JSON schema that accepts and refuses what the server does', () => {
    const judge = new AjvJsonSchemaValidator().getValidator<unknown>(jsonSchemaOf(BatchSchema));
    const batch = (...actions: unknown[]) => ({ actions });
    const documents: readonly unknown[] = [
      batch(),
      batch({ do: 'click' }),
      batch({ do: 'click', at: [0, 0], button: 'left', count: 2, hold: ['shift'] }),
      batch({
        do: 'drag',
        path: [
          [1, 2],
          [3, 4],
        ],
      }),
      { ...batch({ do: 'screenshot', format: 'webp', quality: 80 }), settle: {}, goOn: true, screenshot: {} },
      batch({ do: 'key', keys: '+' }, { do: 'wait', ms: 0 }),
      batch({ do: 'click', at: [0] }),
      batch({ do: 'click', at: [0, 0, 0] }),
      batch({ do: 'click', at: ['0', 0] }),
      batch({ do: 'click', count: 0 }),
      batch({ do: 'click', count: 1.5 }),
      batch({ do: 'click', button: 'wheel' }),
      batch({ do: 'click', x: 1, y: 2 }),
      batch({ do: 'drag', path: [[1, 2]] }),
      batch({ do: 'hover' }),
      batch({}),
      batch(null),
      { actions: 'click' },
      { ...batch(), space: { width: 0, height: 1 } },
      { ...batch(), unknown: 1 },
      {},
      batch(...Array.from({ length: 257 }, () => ({ do: 'cursor' }))),
    ];
    const verdicts = documents.map((document) => [document, judge(document).valid]);
    expect(verdicts).toEqual(documents.map((document) => [document, v.is(BatchSchema, document)]));
    expect(verdicts.filter(([, isValid]) => isValid === true).length).toBe(6);
  });

  test('uses no keyword that only some models know', () => {
    const text = JSON.stringify([...toolsFor(undefined).values()].map(({ inputSchema }) => inputSchema));
    for (const part of ['"oneOf"', '"prefixItems"', '"$ref"', '"$defs"', '"$schema"', '"items":false', '"items":['])
      expect(text).not.toContain(part);
    expect(text.length).toBeLessThan(40_000);
  });
});
