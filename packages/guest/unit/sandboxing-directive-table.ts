import type { Directive } from './directive-table.ts';
import { FatalSyntaxError } from './command-line.ts';
import { boolean, eachWord } from './directive-value.ts';
import type { BindMount, SandboxingSettings } from './exec-settings.ts';
import { expandSpecifiers } from './specifier.ts';

type Switch = {
  [K in keyof SandboxingSettings]: SandboxingSettings[K] extends boolean ? K : never;
}[keyof SandboxingSettings];

/** systemd.exec(5), "Paths" and "Sandboxing": a service's own view of the system. Whether it gets one depends on the sandbox (sandboxing.ts). */
export const SANDBOXING_DIRECTIVES: Readonly<Record<string, Directive>> = {
  RootDirectory(draft, value, unit) {
    const text = expandSpecifiers(value, unit);
    // A service in another root than it asks for is none.
    if (text !== '' && !text.startsWith('/'))
      throw new FatalSyntaxError(`RootDirectory= path is not absolute: ${text}`);
    const path = normalized(text, 'RootDirectory');
    draft.service.exec.sandboxing.rootDirectory = value === '' || path === '/' ? undefined : path;
  },
  MountAPIVFS: (draft, value) =>
    void (draft.service.exec.sandboxing.mountApiVfs = value === '' ? undefined : boolean(value)),
  DynamicUser: toggle('dynamicUser'),
  PrivateTmp: toggle('privateTmp'),
  PrivateDevices: toggle('privateDevices'),
  PrivateNetwork: toggle('privateNetwork'),
  PrivateIPC: toggle('privateIpc'),
  PrivateUsers: toggle('privateUsers'),
  PrivateMounts: toggle('privateMounts'),
  ProtectSystem(draft, value) {
    const known = value === 'full' || value === 'strict' ? value : booleanOr(value, 'protect system value');
    draft.service.exec.sandboxing.protectSystem = known;
  },
  ProtectHome(draft, value) {
    const known = value === 'read-only' || value === 'tmpfs' ? value : booleanOr(value, 'protect home value');
    draft.service.exec.sandboxing.protectHome = known;
  },
  ProtectKernelTunables: toggle('protectKernelTunables'),
  ProtectKernelModules: toggle('protectKernelModules'),
  ProtectKernelLogs: toggle('protectKernelLogs'),
  ProtectControlGroups: toggle('protectControlGroups'),
  ProtectClock: toggle('protectClock'),
  ProtectHostname: toggle('protectHostname'),
  ReadOnlyPaths: paths('ReadOnlyPaths', 'readOnlyPaths'),
  ReadOnlyDirectories: paths('ReadOnlyPaths', 'readOnlyPaths'),
  ReadWritePaths: paths('ReadWritePaths', 'readWritePaths'),
  ReadWriteDirectories: paths('ReadWritePaths', 'readWritePaths'),
  InaccessiblePaths: paths('InaccessiblePaths', 'inaccessiblePaths'),
  InaccessibleDirectories: paths('InaccessiblePaths', 'inaccessiblePaths'),
  BindPaths: binds('BindPaths', false),
  BindReadOnlyPaths: binds('BindReadOnlyPaths', true),
  TemporaryFileSystem(draft, value, unit) {
    const { sandboxing } = draft.service.exec;
    if (value === '') return void (sandboxing.temporaryFileSystems = []);
    eachWord(value, unit, (word) => {
      const colon = word.indexOf(':');
      const path = normalized(colon === -1 ? word : word.slice(0, colon), 'TemporaryFileSystem');
      sandboxing.temporaryFileSystems.push({ path, options: colon === -1 ? '' : word.slice(colon + 1) });
    });
  },
};

function toggle(key: Switch): Directive {
  return (draft, value) => void (draft.service.exec.sandboxing[key] = boolean(value));
}

function booleanOr(value: string, what: string): 'yes' | 'no' {
  try {
    return boolean(value) ? 'yes' : 'no';
  } catch (error) {
    throw new SyntaxError(`Failed to parse ${what}, ignoring: ${value}`, { cause: error });
  }
}

function paths(name: string, key: 'readOnlyPaths' | 'readWritePaths' | 'inaccessiblePaths'): Directive {
  return (draft, value, unit) => {
    const { sandboxing } = draft.service.exec;
    if (value === '') return void (sandboxing[key] = []);
    eachWord(value, unit, (word) => {
      // `+`: relative to RootDirectory=, which all of these are here.
      const text = word.replace(/^-?\+?/, '');
      sandboxing[key].push({ path: normalized(text, name), isOptional: word.startsWith('-') });
    });
  };
}

function binds(name: string, isReadOnly: boolean): Directive {
  return (draft, value, unit) => {
    const { sandboxing } = draft.service.exec;
    // Either of the two resets both.
    if (value === '') return void (sandboxing.bindMounts = []);
    eachWord(value, unit, (word) => sandboxing.bindMounts.push(bindMount(word, name, isReadOnly)));
  };
}

function bindMount(word: string, name: string, isReadOnly: boolean): BindMount {
  const [source = '', destination = source, option = ''] = word.replace(/^-/, '').split(':');
  if (!['', 'rbind', 'norbind'].includes(option))
    throw new SyntaxError(`Invalid option string, ignoring setting: ${option}`);
  return {
    source: normalized(source, name),
    destination: normalized(destination, name),
    isReadOnly,
    isOptional: word.startsWith('-'),
    isRecursive: option !== 'norbind',
  };
}

function normalized(path: string, name: string): string {
  if (path === '') return path;
  if (!path.startsWith('/')) throw new SyntaxError(`${name}= path is not absolute, ignoring: ${path}`);
  if (path.split('/').includes('..')) throw new SyntaxError(`${name}= path is not normalized, ignoring: ${path}`);
  return path.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
}
