import { wordOf, type Fields } from '../../fields.ts';
import type { Member } from './member.ts';

export const tabMembers = {
  new_tab: { fields: [], run: (_, { browser }) => browser.open() },
  list_tabs: { fields: [], run: (_, { browser }) => browser.entries() },
  switch_tab: { fields: ['tab_id'], run: (input, { browser }) => browser.switchTo(idOf(input)) },
  close_tab: {
    fields: ['tab_id'],
    async run(input, { browser }) {
      await browser.closeTab(idOf(input));
      return undefined;
    },
  },
} as const satisfies Record<string, Member>;

function idOf(input: Fields): string {
  return wordOf(input, 'tab_id', 100);
}
