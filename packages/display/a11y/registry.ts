import { interfaces, rootPath } from './atspi.ts';
import { BodyWriter } from './bus/body-writer.ts';
import { type Answer, BusConnection } from './bus/connection.ts';

// D-Bus specification, RequestName.
const allowReplacement = 0x1;
const replaceExisting = 0x2;
// Whoever listens to something makes a program's bridge keep its cache; nothing is of this kind, so that nothing is sent to us.
const listenedTo = 'object:bhatti';
const requestTimeoutMs = 2_000;

/**
 * A connection that stands where AT-SPI has its registry, the one whom programs tell that they are there.
 * `standing`: it is there, so that programs find nothing to complain about when they start, and listens to nothing. `reading`: it takes the other's place while it is open, and as one that listens: only then do programs'
 * bridges keep what `Cache.GetItems` gives.
 */
export async function openRegistryConnection(path: string, purpose: 'standing' | 'reading'): Promise<BusConnection> {
  const isReading = purpose === 'reading';
  let own = '';
  const answer: Answer = ({ member }) => {
    const body = new BodyWriter();
    switch (member) {
      case 'Embed':
        return { signature: '(so)', body: body.align(8).string(own).string(rootPath) };
      case 'Unembed':
        return { signature: '', body };
      case 'GetRegisteredEvents':
        return {
          signature: 'a(ssas)',
          body: body.array(8, () => {
            if (!isReading) return;
            body.align(8).string(own).string(listenedTo);
            body.array(4, () => {});
          }),
        };
      // Keys are of no interest.
      case 'GetKeystrokeListeners':
        return { signature: 'a(souua(iisi)u(bbb))', body: body.array(8, () => {}) };
      case 'GetDeviceEventListeners':
        return { signature: 'a(souu)', body: body.array(8, () => {}) };
      default:
        return undefined;
    }
  };
  const connection = await BusConnection.open(path, answer);
  own = connection.name;
  using group = connection.group(requestTimeoutMs);
  const flags = isReading ? replaceExisting : allowReplacement;
  await group.callBus('RequestName', 'su', new BodyWriter().string(interfaces.registry).u32(flags));
  if (!isReading) return connection;
  const listener = new BodyWriter().string(own).string(listenedTo);
  connection.emit({
    ...registrySignal,
    member: 'EventListenerRegistered',
    signature: 'ssas',
    body: listener.array(4, () => {}).bytes(),
  });
  return connection;
}

/** Ends a connection for reading: bridges are told that nobody listens any more. */
export function closeReadingConnection(connection: BusConnection): void {
  const listener = new BodyWriter().string(connection.name).string(listenedTo);
  connection.emit({ ...registrySignal, member: 'EventListenerDeregistered', signature: 'ss', body: listener.bytes() });
  connection[Symbol.dispose]();
}

const registrySignal = { path: '/org/a11y/atspi/registry', interface: interfaces.registry } as const;
