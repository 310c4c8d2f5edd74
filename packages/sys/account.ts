import { readFileSync, statSync } from 'node:fs';

/** One line of /etc/passwd, with the account's supplementary groups from /etc/group. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
  readonly groups: readonly number[];
}

export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** Accounts of this system. The files are read again when they have changed: packages add users and groups while we run. */
export interface AccountDatabase {
  /** By name or by number in decimal; a number without an account gets the root directory as home and no groups. */
  find(nameOrUid: string): Account | undefined;
  /** The same, but only who has an account. */
  findListed(nameOrUid: string): Account | undefined;
  findGroup(nameOrGid: string): Group | undefined;
  findListedGroup(nameOrGid: string): Group | undefined;
}

export function openAccountDatabase(passwdFile = '/etc/passwd', groupFile = '/etc/group'): AccountDatabase {
  const passwd = cachedParse(passwdFile, parsePasswd);
  const group = cachedParse(groupFile, parseGroups);
  const findListed = (nameOrUid: string): Account | undefined => {
    const line = passwd().find((entry) => entry.name === nameOrUid || String(entry.uid) === nameOrUid);
    return line === undefined ? undefined : { ...line, groups: groupsOf(line, group()) };
  };
  const findListedGroup = (nameOrGid: string) =>
    group().find((candidate) => candidate.name === nameOrGid || String(candidate.gid) === nameOrGid);
  return {
    findListed,
    findListedGroup,
    find(nameOrUid) {
      const listed = findListed(nameOrUid);
      if (listed !== undefined) return listed;
      const uid = parseId(nameOrUid);
      if (uid === undefined) return undefined;
      return { name: nameOrUid, uid, gid: uid, home: '/', shell: '/bin/sh', groups: [] };
    },
    findGroup(nameOrGid) {
      const listed = findListedGroup(nameOrGid);
      if (listed !== undefined) return listed;
      const gid = parseId(nameOrGid);
      return gid === undefined ? undefined : { name: nameOrGid, gid, members: [] };
    },
  };
}

export function parsePasswd(text: string): Omit<Account, 'groups'>[] {
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid, , home, shell] = line.split(':');
    if (name === undefined || name === '' || uid === undefined || gid === undefined) return [];
    return [{ name, uid: Number(uid), gid: Number(gid), home: home || '/', shell: shell || '/bin/sh' }];
  });
}

export function parseGroups(text: string): Group[] {
  return text.split('\n').flatMap((line) => {
    const [name, , gid, members] = line.split(':');
    if (name === undefined || name === '' || gid === undefined) return [];
    return [{ name, gid: Number(gid), members: (members ?? '').split(',').filter((member) => member !== '') }];
  });
}

/** What initgroups(3) gives: the primary group and every group that lists the account. */
function groupsOf(account: Omit<Account, 'groups'>, groups: readonly Group[]): number[] {
  const listed = groups.filter((group) => group.members.includes(account.name)).map((group) => group.gid);
  return [...new Set([account.gid, ...listed])];
}

function parseId(text: string): number | undefined {
  const id = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  return id <= 0xffff_fffe ? id : undefined;
}

function cachedParse<T>(path: string, parse: (text: string) => T[]): () => T[] {
  let stamp = '';
  let parsed: T[] = [];
  return () => {
    const { ino, size, mtimeMs } = statSync(path);
    const current = `${ino} ${size} ${mtimeMs}`;
    if (current !== stamp) {
      parsed = parse(readFileSync(path, 'utf8'));
      stamp = current;
    }
    return parsed;
  };
}
