import { openAccountDatabase } from '@bhatti/sys/account.ts';
import { listenUnixHttp } from '@bhatti/sys/http/unix-server.ts';
import { guestAgentSocket } from '@bhatti/wire/guest-paths.ts';
import { Activity } from './agent/activity.ts';
import { prepareBoot } from './agent/boot-sequence.ts';
import { agentServer, type AgentContext } from './agent/dispatch.ts';
import { openFrontDoor } from './agent/front-door.ts';
import { SessionTable } from './agent/session.ts';

const forOwnerOnly = 0o177;

export interface Lohar {
  /** Ends what runs, in order. */
  stop(): Promise<void>;
}

/** The guest agent, read from top to bottom: what knows, what runs, what listens. The front door opens last. */
export function assembleLohar(listenFd: number): Lohar {
  const accounts = openAccountDatabase();
  const activity = new Activity('/sys/fs/cgroup/cpu.stat');
  const sessions = new SessionTable();
  const boot = prepareBoot(async () => []);

  const context: AgentContext = { accounts, activity, sessions, boot };
  const server = listenUnixHttp({ ...agentServer(context), path: guestAgentSocket, umask: forOwnerOnly });
  const frontDoor = openFrontDoor(listenFd, guestAgentSocket);

  return {
    async stop() {
      frontDoor.close();
      sessions.endAll();
      await server.stop();
    },
  };
}
