import type { Operation } from '@bhatti/base/operation.ts';

import { probeCgroups } from './cgroups.ts';
import type { Finding, HostPlaces } from './finding.ts';
import { probeIdmappedMounts, probeLoopDevices, probeOverlay } from './filesystems.ts';
import { probeKvm } from './kvm.ts';
import { probeDistribution, probeKernel, probeRoot, probeUserNamespaces } from './kernel.ts';
import { probeFirewall, probeForwarding, probePort } from './network.ts';
import { probeDisk, probeMemory } from './resources.ts';
import { probeTools } from './tools.ts';

/** Looks at everything that sandboxes need of this host, in the order in which a person would mend it. Changes nothing. */
export async function examineHost(op: Operation, places: HostPlaces): Promise<Finding[]> {
  return [
    probeRoot(),
    probeDistribution(),
    probeKernel(),
    ...(await probeTools(op)),
    probeCgroups(),
    probeUserNamespaces(),
    await probeOverlay(op),
    probeIdmappedMounts(),
    await probeLoopDevices(op),
    await probeFirewall(op),
    await probeForwarding(op),
    await probePort(places),
    probeKvm(),
    probeMemory(),
    probeDisk(places.dataDir),
  ];
}
