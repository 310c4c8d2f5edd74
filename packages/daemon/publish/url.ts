/** How published ports are addressed from outside. */
export interface PublishZone {
  /** Last labels of every host name, e.g. `localhost`. */
  readonly zone: string;
  readonly scheme: 'http' | 'https';
  /** The port that people's browsers use. */
  readonly port: number;
  /** Address and port that a program connects to which cannot resolve the names. */
  readonly connect: string;
  /** The `ssh` line that brings the same URLs to another machine; only where the zone is `localhost`. */
  readonly tunnel: string | undefined;
}

export function hostOf(zone: PublishZone, alias: string): string {
  return `${alias}.${zone.zone}`;
}

export function urlOf(zone: PublishZone, alias: string): string {
  const isUsual = zone.port === (zone.scheme === 'https' ? 443 : 80);
  return `${zone.scheme}://${hostOf(zone, alias)}${isUsual ? '' : `:${zone.port}`}/`;
}

/** The line for people on other machines. `localhost` names there mean themselves, so that a forward of the same port makes the same URL work. */
export function tunnelLine(port: number, login: { readonly user: string; readonly host: string }): string {
  return `ssh -L ${port}:127.0.0.1:${port} ${login.user}@${login.host}`;
}
