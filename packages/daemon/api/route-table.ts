import { VERSION } from '@bhatti/base/version.ts';
import { getLease, getScreenshot, passTrajectories, postActions, postLease, upgradeActions } from './actions.ts';
import type { ApiContext } from './context.ts';
import { getDesktop } from './desktop.ts';
import { getSessions, postExec, upgradeExec } from './exec.ts';
import { needAdmin, sendJson, type ApiExchange, type UpgradeExchange } from './exchange.ts';
import { deleteFile, getFile, putFile } from './files.ts';
import { deleteImage, listImages, postBuild } from './image.ts';
import { proxyPort, upgradePort } from './proxy.ts';
import { deleteRule, getPorts, listRules, postRule } from './publish.ts';
import { deleteSandbox, getSandbox, listSandboxes, patchSandbox, postSandbox, postVerb } from './sandbox.ts';
import { deleteUser, listUsers, postUser, rotateKey } from './user.ts';

export interface Route {
  /** `ANY` stands for all. A GET route answers HEAD as well. */
  readonly method: string;
  /** `:name` takes one part of the path, a last `*` the rest, if any. */
  readonly path: string;
  readonly answer: (context: ApiContext, exchange: ApiExchange) => Promise<void>;
  readonly isPublic?: boolean;
  /** A GET that may change something, e.g. in a program behind a port. */
  readonly mayChange?: boolean;
}

export const routes: readonly Route[] = [
  { method: 'GET', path: '/health', answer: getHealth, isPublic: true },
  { method: 'GET', path: '/sandboxes', answer: listSandboxes },
  { method: 'POST', path: '/sandboxes', answer: postSandbox },
  { method: 'GET', path: '/sandboxes/:id', answer: getSandbox },
  { method: 'PATCH', path: '/sandboxes/:id', answer: patchSandbox },
  { method: 'DELETE', path: '/sandboxes/:id', answer: deleteSandbox },
  { method: 'POST', path: '/sandboxes/:id/start', answer: postVerb('start') },
  { method: 'POST', path: '/sandboxes/:id/stop', answer: postVerb('stop') },
  { method: 'POST', path: '/sandboxes/:id/pause', answer: postVerb('pause') },
  { method: 'POST', path: '/sandboxes/:id/resume', answer: postVerb('resume') },
  { method: 'POST', path: '/sandboxes/:id/exec', answer: postExec },
  { method: 'GET', path: '/sandboxes/:id/sessions', answer: getSessions },
  { method: 'GET', path: '/sandboxes/:id/ports', answer: getPorts },
  { method: 'GET', path: '/sandboxes/:id/files', answer: getFile },
  { method: 'PUT', path: '/sandboxes/:id/files', answer: putFile },
  { method: 'DELETE', path: '/sandboxes/:id/files', answer: deleteFile },
  { method: 'GET', path: '/sandboxes/:id/desktop', answer: getDesktop },
  { method: 'GET', path: '/sandboxes/:id/screenshot', answer: getScreenshot },
  { method: 'POST', path: '/sandboxes/:id/actions', answer: postActions },
  { method: 'GET', path: '/sandboxes/:id/trajectories', answer: passTrajectories },
  { method: 'POST', path: '/sandboxes/:id/trajectories', answer: passTrajectories },
  { method: 'GET', path: '/sandboxes/:id/trajectories/:name', answer: passTrajectories },
  { method: 'DELETE', path: '/sandboxes/:id/trajectories/:name', answer: passTrajectories },
  { method: 'GET', path: '/sandboxes/:id/trajectories/:name/:file', answer: passTrajectories },
  { method: 'GET', path: '/sandboxes/:id/lease', answer: getLease },
  { method: 'POST', path: '/sandboxes/:id/lease', answer: postLease },
  { method: 'GET', path: '/sandboxes/:id/publish', answer: listRules },
  { method: 'POST', path: '/sandboxes/:id/publish', answer: postRule },
  { method: 'DELETE', path: '/sandboxes/:id/publish/:port', answer: deleteRule },
  { method: 'ANY', path: '/sandboxes/:id/proxy/:port/*', answer: proxyPort, mayChange: true },
  { method: 'GET', path: '/images', answer: listImages },
  { method: 'POST', path: '/images/build', answer: postBuild },
  { method: 'DELETE', path: '/images/:name', answer: deleteImage },
  { method: 'GET', path: '/users', answer: listUsers },
  { method: 'POST', path: '/users', answer: postUser },
  { method: 'DELETE', path: '/users/:name', answer: deleteUser },
  { method: 'POST', path: '/users/:name/rotate-key', answer: rotateKey },
  { method: 'GET', path: '/events', answer: listEvents },
];

export interface UpgradeRoute {
  readonly method: 'GET';
  readonly path: string;
  readonly answer: (context: ApiContext, exchange: UpgradeExchange) => Promise<void>;
}

export const upgradeRoutes: readonly UpgradeRoute[] = [
  { method: 'GET', path: '/sandboxes/:id/exec', answer: upgradeExec },
  { method: 'GET', path: '/sandboxes/:id/actions', answer: upgradeActions },
  { method: 'GET', path: '/sandboxes/:id/proxy/:port/*', answer: upgradePort },
];

async function getHealth(context: ApiContext, exchange: ApiExchange): Promise<void> {
  sendJson(exchange, 200, {
    status: 'ok',
    version: VERSION,
    uptime_ms: Math.round(performance.now() - context.startedAtMs),
  });
}

async function listEvents(context: ApiContext, exchange: ApiExchange): Promise<void> {
  needAdmin(exchange, 'list events');
  const limit = Math.min(Math.max(1, Number(exchange.query.get('limit') ?? 50) || 50), 1_000);
  sendJson(exchange, 200, context.parts.store.events.latest(limit));
}
