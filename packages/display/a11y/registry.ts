import { interfaces, rootPath } from './atspi.ts';
import { BodyWriter } from './bus/body-writer.ts';
import { BusConnection } from './bus/connection.ts';

const requestTimeoutMs = 2_000;

/** A connection that stands where AT-SPI has its registry, the one whom programs tell that they are there: without it each would complain when it starts. It listens to nothing, and so programs send no events. */
export async function openRegistry(path: string): Promise<BusConnection> {
  const connection: BusConnection = await BusConnection.open(path, ({ member }) => {
    const body = new BodyWriter();
    switch (member) {
      case 'Embed':
        return { signature: '(so)', body: body.align(8).string(connection.name).string(rootPath) };
      case 'Unembed':
        return { signature: '', body };
      case 'GetRegisteredEvents':
        return { signature: 'a(ssas)', body: body.array(8, () => {}) };
      case 'GetKeystrokeListeners':
        return { signature: 'a(souua(iisi)u(bbb))', body: body.array(8, () => {}) };
      case 'GetDeviceEventListeners':
        return { signature: 'a(souu)', body: body.array(8, () => {}) };
      default:
        return undefined;
    }
  });
  using group = connection.group(requestTimeoutMs);
  await group.callBus('RequestName', 'su', new BodyWriter().string(interfaces.registry).u32(0));
  return connection;
}
