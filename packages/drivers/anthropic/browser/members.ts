import { readFields } from '../../fields.ts';
import { keyboardMembers } from './keyboard-members.ts';
import type { Member, MemberContext, MemberResult } from './member.ts';
import { pageMembers } from './page-members.ts';
import { pointerMembers } from './pointer-members.ts';
import { tabMembers } from './tab-members.ts';

export const browserMembers = { ...pageMembers, ...pointerMembers, ...keyboardMembers, ...tabMembers };

export type BrowserMemberName = keyof typeof browserMembers;

/** They reach beyond what a page shows: scripts, files, and what the browser logs. */
export const offByDefault: readonly BrowserMemberName[] = [
  'file_upload',
  'javascript_exec',
  'read_console',
  'read_network',
];

/** Their result is `browser_state` and nothing else. */
export const stateOnly: readonly BrowserMemberName[] = ['new_tab', 'list_tabs', 'switch_tab', 'close_tab'];

export const isBrowserMember = (name: string): name is BrowserMemberName => Object.hasOwn(browserMembers, name);

/** Carries out one call. Throws INVALID_ARGUMENT for an input that is none. */
export function runMember(name: BrowserMemberName, input: unknown, context: MemberContext): Promise<MemberResult> {
  const member: Member = browserMembers[name];
  const fields = readFields(input, name, stateOnly.includes(name) ? member.fields : [...member.fields, 'tab_id']);
  return member.run(fields, context);
}
