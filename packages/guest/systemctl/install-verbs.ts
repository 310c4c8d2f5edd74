import type { UnitReply } from '@bhatti/wire/agent/unit.ts';
import {
  disableUnit,
  enableUnit,
  InstallError,
  isInstallable,
  maskUnit,
  persistentPlace,
  runtimePlace,
  unmaskUnit,
  type InstallChange,
  type InstallPlace,
} from '../unit/install.ts';
import { changeVerb } from './change-verbs.ts';
import { failure, type Verb, type VerbContext } from './verbs.ts';

/** enable, disable, mask and their kin: links of unit files, then `--now`. */
export async function installVerb(context: VerbContext, verb: Verb): Promise<UnitReply> {
  if (verb.units.length === 0) return failure('Too few arguments.\n');
  const place = 'runtime' in verb.options ? runtimePlace : persistentPlace;
  const changes: InstallChange[] = [];
  try {
    for (const name of verb.units) changes.push(...change(context, verb.verb, name, place));
  } catch (error) {
    if (!(error instanceof InstallError)) throw error;
    return failure(`${report(changes)}Failed to ${verb.verb} unit: ${error.message}\n`);
  }
  context.manager.reloadAll();
  const stderr = 'quiet' in verb.options ? '' : report(changes);
  if (!('now' in verb.options)) return { stdout: '', stderr, exitCode: 0 };
  const now = await changeVerb(context, {
    ...verb,
    verb: verb.verb === 'disable' || verb.verb === 'mask' ? 'stop' : 'start',
  });
  return { ...now, stderr: stderr + now.stderr };
}

function change({ manager }: VerbContext, verb: string, name: string, place: InstallPlace): InstallChange[] {
  switch (verb) {
    case 'disable':
      return disableUnit(name, place);
    case 'mask':
      return maskUnit(name, place);
    case 'unmask':
      return unmaskUnit(name, place);
    case 'reenable':
      return [...disableUnit(name, place), ...enableUnit(name, place)];
    case 'preset': {
      // Debian's policy enables everything; a unit that cannot be enabled is left alone.
      const definition = manager.loadFresh(name)?.definition;
      return definition !== undefined && isInstallable(definition) ? enableUnit(name, place) : [];
    }
    default:
      return enableUnit(name, place);
  }
}

function report(changes: readonly InstallChange[]): string {
  const lines = changes.map((made) => {
    switch (made.kind) {
      case 'symlink':
        return `Created symlink ${made.path} → ${made.target}.\n`;
      case 'unlink':
        return `Removed "${made.path}".\n`;
      case 'no-install':
        return '';
    }
  });
  return lines.join('') + (changes.some((made) => made.kind === 'no-install') ? noInstallText : '');
}

const noInstallText = `The unit files have no installation config (WantedBy=, RequiredBy=, Also=,
Alias= settings in the [Install] section, and DefaultInstance= for template
units). This means they are not meant to be enabled or disabled using systemctl.

Possible reasons for having this kind of units are:
• A unit may be statically enabled by being symlinked from another unit's
  .wants/ or .requires/ directory.
• A unit's purpose may be to act as a helper for some other unit which has
  a requirement dependency on it.
• A unit may be started when needed via activation (socket, path, timer,
  D-Bus, udev, scripted systemctl call, ...).
• In case of template units, the unit is meant to be enabled with some
  instance name specified.
`;
