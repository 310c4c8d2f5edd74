import { expect, test } from 'bun:test';
import { ACTIVE_STATES, SERVICE_STATES, SERVICE_TABLE } from './service-table.ts';

test('every state that waits has a way out of it', () => {
  for (const state of SERVICE_STATES) {
    const row = SERVICE_TABLE[state];
    const active = ACTIVE_STATES[state];
    if (active === 'deactivating') expect([state, row.timedOut]).not.toEqual([state, 'ignore']);
    if (active === 'activating' && state !== 'auto-restart')
      expect([state, row.timedOut]).not.toEqual([state, 'ignore']);
    if (active === 'activating' || active === 'active' || active === 'reloading')
      expect([state, row.stop]).not.toEqual([state, 'ignore']);
    if (active === 'inactive' || active === 'failed') expect([state, row.start]).toEqual([state, 'begin']);
  }
});
