import { expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAccountDatabase } from './account.ts';

test('accounts have all of their groups, and changes are seen', () => {
  const directory = mkdtempSync(join(tmpdir(), 'bhatti-accounts-'));
  try {
    const [passwd, group] = [join(directory, 'passwd'), join(directory, 'group')];
    writeFileSync(
      passwd,
      'root:x:0:0:root:/root:/bin/bash\nlohar:x:1000:1000::/home/lohar:/bin/bash\nbroken\nodd:x:7:8:::\n',
    );
    writeFileSync(group, 'root:x:0:\nsudo:x:27:a,lohar\nlohar:x:1000:\ndocker:x:999:lohar\n');
    const accounts = openAccountDatabase(passwd, group);
    expect(accounts.find('lohar')).toEqual({
      name: 'lohar',
      uid: 1000,
      gid: 1000,
      home: '/home/lohar',
      shell: '/bin/bash',
      groups: [1000, 27, 999],
    });
    expect(accounts.find('1000')?.name).toBe('lohar');
    expect(accounts.find('odd')).toMatchObject({ home: '/', shell: '/bin/sh' });
    expect(accounts.find('4711')).toEqual({
      name: '4711',
      uid: 4711,
      gid: 4711,
      home: '/',
      shell: '/bin/sh',
      groups: [],
    });
    expect([accounts.find('nobody-here'), accounts.find('-1'), accounts.find('99999999999')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(accounts.findGroup('sudo')?.gid).toBe(27);
    writeFileSync(group, 'new:x:2000:lohar\n');
    expect(accounts.find('lohar')?.groups).toEqual([1000, 2000]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
