import type { Operation } from '@bhatti/base/operation.ts';
import { ExecSessionSchema, type ExecSession } from '@bhatti/wire/agent/exec.ts';
import { DesktopStatusSchema, type DesktopStatus } from '@bhatti/wire/display/control.ts';
import { decodeReply } from '@bhatti/wire/schema.ts';
import * as v from 'valibot';
import type { AgentLink } from './link.ts';

const peer = 'the guest agent';
const ActivitySchema = v.object({ busy: v.boolean(), sessions: v.number() });
const PortsSchema = v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)));

export async function listSessions(op: Operation, link: AgentLink): Promise<ExecSession[]> {
  return decodeReply(v.array(ExecSessionSchema), await link.json(op, { method: 'GET', path: '/sessions' }), peer);
}

/** TCP ports that something inside listens on. */
export async function listPorts(op: Operation, link: AgentLink): Promise<number[]> {
  return decodeReply(PortsSchema, await link.json(op, { method: 'GET', path: '/ports' }), peer);
}

/** Whether programs inside are at work, and how many exec sessions there are. */
export async function readActivity(op: Operation, link: AgentLink): Promise<{ busy: boolean; sessions: number }> {
  return decodeReply(ActivitySchema, await link.json(op, { method: 'GET', path: '/activity' }), peer);
}

export async function desktopStatus(op: Operation, link: AgentLink): Promise<DesktopStatus> {
  return decodeReply(DesktopStatusSchema, await link.json(op, { method: 'GET', path: '/desktop' }), peer);
}

/** Answers when the desktop is drawn. Throws DISPLAY_UNAVAILABLE or TIMED_OUT. */
export async function waitDrawn(op: Operation, link: AgentLink, timeoutMs: number): Promise<DesktopStatus> {
  const path = `/desktop?wait=drawn&timeoutMs=${Math.ceil(timeoutMs)}`;
  return decodeReply(DesktopStatusSchema, await link.json(op, { method: 'GET', path }), peer);
}
