import { hostnameOf } from '@bhatti/base/host-name.ts';
import { addressOf, type Place, type Subnet } from './address.ts';
import type { Directory } from './dns-answer.ts';

/** Host names of sandboxes by network, kept in memory: a guest may ask as often as it likes. */
export class SandboxDirectory implements Directory {
  readonly #subnet: Subnet;
  readonly #addresses = new Map<string, string>();
  readonly #names = new Map<string, string>();

  constructor(subnet: Subnet) {
    this.#subnet = subnet;
  }

  enter(name: string, place: Place): void {
    const address = addressOf(this.#subnet, place);
    this.#addresses.set(key(place.network, hostnameOf(name)), address);
    this.#names.set(key(place.network, address), hostnameOf(name));
  }

  remove(place: Place): void {
    const address = addressOf(this.#subnet, place);
    const name = this.#names.get(key(place.network, address));
    this.#names.delete(key(place.network, address));
    if (name !== undefined && this.#addresses.get(key(place.network, name)) === address)
      this.#addresses.delete(key(place.network, name));
  }

  addressOf(network: number, name: string): string | undefined {
    return this.#addresses.get(key(network, name));
  }

  nameOf(network: number, address: string): string | undefined {
    return this.#names.get(key(network, address));
  }
}

function key(network: number, what: string): string {
  return `${network}/${what}`;
}
