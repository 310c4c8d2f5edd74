import { hostname, networkInterfaces } from 'node:os';
import { formatAddress } from '../api/listen.ts';
import type { ServedHosts } from '../api/request-rules.ts';
import type { DaemonConfig } from '../config.ts';
import { tunnelLine, type PublishZone } from './url.ts';

/** How published ports are addressed: by the configured domain, or below `localhost`. */
export function publishZone(config: DaemonConfig): PublishZone {
  const { domain, listen, zone } = config;
  if (domain?.proxyZone !== undefined) {
    const connect = domain.tls?.listen ?? listen;
    return {
      zone: domain.proxyZone,
      scheme: 'https',
      port: domain.tls?.listen.port ?? 443,
      connect: formatAddress(reachable(connect)),
      tunnel: undefined,
    };
  }
  const isLocal = zone === 'localhost' || zone.endsWith('.localhost');
  return {
    zone,
    scheme: 'http',
    port: listen.port,
    connect: formatAddress(reachable(listen)),
    tunnel: isLocal
      ? tunnelLine(listen.port, {
          user: process.env['SUDO_USER'] ?? process.env['USER'] ?? 'root',
          host: ownAddress(config.instance),
        })
      : undefined,
  };
}

export function servedHosts({ zone, domain }: DaemonConfig): ServedHosts {
  return {
    zones: domain?.proxyZone === undefined ? [zone] : [zone, domain.proxyZone],
    apiHosts: domain?.apiHost === undefined ? [] : [domain.apiHost],
  };
}

/** Names below a configured domain are https for people, whoever speaks TLS. */
export function secureHosts({ domain }: DaemonConfig): (name: string) => boolean {
  return (name) =>
    name === domain?.apiHost || (domain?.proxyZone !== undefined && name.endsWith(`.${domain.proxyZone}`));
}

function reachable<A extends { host: string; port: number }>({ host, port }: A): { host: string; port: number } {
  const isAny = host === '0.0.0.0' || host === '::';
  return { host: isAny ? '127.0.0.1' : host, port };
}

/** The address by which others most likely reach this machine; its name where there is none. */
function ownAddress(instance: string): string {
  const addresses = Object.entries(networkInterfaces())
    .filter(([name]) => !name.startsWith(instance) && !/^(docker|br-|veth|virbr)/.test(name))
    .flatMap(([, list]) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal);
  return addresses[0]?.address ?? hostname();
}
