import { IdleRest } from '@bhatti/base/idle-rest.ts';
import { openAccountDatabase } from '@bhatti/sys/account.ts';
import { openDelegatedTree } from '@bhatti/sys/cgroup/delegated-tree.ts';
import { openDescriptorStore } from '@bhatti/sys/descriptor-store.ts';
import { listenUnixHttp } from '@bhatti/sys/http/unix-server.ts';
import { releaseIdleMemory } from '@bhatti/sys/idle-memory.ts';
import {
  guestAgentSocket,
  guestJournalDir,
  guestRunDir,
  guestUnitChangeSocket,
  guestUnitReadSocket,
} from '@bhatti/wire/guest-paths.ts';
import { chownSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Activity } from './agent/activity.ts';
import { prepareBoot } from './agent/boot-sequence.ts';
import { bootIdFile, readBootId } from './agent/boot.ts';
import { agentServer, type AgentContext } from './agent/dispatch.ts';
import { openFrontDoor } from './agent/front-door.ts';
import { startInit } from './agent/init-command.ts';
import { SessionTable } from './agent/session.ts';
import { EventThread } from './event-thread/event-thread.ts';
import { noteBoot } from './journal/boots.ts';
import { Journal } from './journal/journal.ts';
import { openLogSockets } from './journal/log-sockets.ts';
import { startBootUnits } from './unit/boot-units.ts';
import { runGenerators } from './unit/generators.ts';
import { ManagerSettings } from './unit/manager-settings.ts';
import { readSandboxAbilities } from './unit/sandbox-ability.ts';
import { unitServer, type UnitApi } from './unit/unit-api.ts';
import { UnitManager } from './unit/unit-manager.ts';
import { UnitStore } from './unit/unit-store.ts';

const forOwnerOnly = 0o177;
const forEveryone = 0o111;
const forOwnerAndGroup = 0o117;
const restAfterMs = 5_000; // after it, starting is over and nobody is at work: 30 MB of code and garbage go back

export interface Lohar {
  /** Ends what runs, in order. */
  stop(): Promise<void>;
}

/** The guest agent and service manager, read from top to bottom: what knows, what runs, what listens. The front door opens last. */
export function assembleLohar(listenFd: number): Lohar {
  const accounts = openAccountDatabase();
  const tree = openDelegatedTree();
  const activity = new Activity(tree.cpuStat);
  const sessions = new SessionTable();

  const isBoot = noteBoot(guestJournalDir, readBootId()); // whose file says when this boot began
  const thread = new EventThread({ journalDir: guestJournalDir, isBoot });
  const descriptors = openDescriptorStore(join(guestRunDir, 'fd-store/s'));
  const journal = new Journal({ journalDir: guestJournalDir, fifoDir: join(guestRunDir, 'log') }, thread);
  openLogSockets(thread, descriptors);
  const bootedAtUs = Math.round(statSync(bootIdFile).mtimeMs * 1_000);
  const settings = new ManagerSettings(join(guestRunDir, 'manager.json'), bootedAtUs);
  journal.isWanted = (priority) => settings.isWanted(priority);
  const manager = new UnitManager({
    context: { accounts, journal, settings, thread, tree, descriptors, abilities: readSandboxAbilities() },
    store: new UnitStore(join(guestRunDir, 'units')),
  });
  const boot = prepareBoot(async (request, isFirst) => {
    if (isFirst && request.init !== undefined) startInit({ accounts, activity, sessions }, request.init);
    if (isFirst) await runGenerators();
    return startBootUnits(manager);
  });
  const units: UnitApi = { manager, settings, journal };
  manager.adopt();

  const context: AgentContext = { accounts, activity, sessions, boot, units };
  const servers = [
    listenUnixHttp({ ...unitServer(units, 'read'), path: guestUnitReadSocket, umask: forEveryone }),
    listenUnixHttp({ ...unitServer(units, 'change'), path: guestUnitChangeSocket, umask: forOwnerAndGroup }),
    listenUnixHttp({ ...agentServer(context), path: guestAgentSocket, umask: forOwnerOnly }),
  ];
  const administrators = accounts.findGroup('sudo');
  if (administrators !== undefined) chownSync(guestUnitChangeSocket, 0, administrators.gid);
  const rest = new IdleRest({ afterMs: restAfterMs, isBusy: () => activity.isRunning(), rest: releaseIdleMemory });
  activity.onWork = () => rest.touch();
  const frontDoor = openFrontDoor(listenFd, guestAgentSocket);
  boot.resume();

  return {
    async stop() {
      frontDoor.close();
      rest[Symbol.dispose]();
      sessions.endAll();
      await manager.stopAll();
      await journal.flush();
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
