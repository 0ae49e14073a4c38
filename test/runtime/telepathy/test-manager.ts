import { type Bus, connect, type Target } from "@dbus-codegen-ts/runtime";
import { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import {
  ConnectionManagerClient,
  type ConnectionParameters,
} from "@dbus-codegen-ts/stubs/im.telepathy1.ConnectionManager";
import type { Protocol } from "../../../runtime/telepathy/protocols/protocol.ts";
import {
  type ManagerOptions,
  type ServedManager,
  serveConnectionManager,
} from "../../../runtime/telepathy/service/connection-manager.ts";
import { type PrivateBus, startPrivateBus } from "../../setup/private-bus.ts";

/** A connection manager on a bus of its own, and a client. */
export interface World extends AsyncDisposable {
  readonly daemon: PrivateBus;
  readonly service: Bus;
  readonly manager: ServedManager;
  readonly client: Bus;
  /** Calls the manager as the client. */
  readonly remote: ConnectionManagerClient;
  /** What the manager could tell nobody. */
  readonly errors: unknown[];
  /** Requests a connection and gives where it is. */
  request(protocol: string, parameters: ConnectionParameters): Promise<Target>;
}

/** Serves protocols by a manager of the name `test`. */
export async function startWorld(
  protocols: readonly Protocol[],
  options: Partial<ManagerOptions> = {},
): Promise<World> {
  const daemon = await startPrivateBus();
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const service = await connect({ bus: daemon.address, onError });
  const manager = await serveConnectionManager(service, { name: "test", protocols, onError, ...options });
  const client = await connect({ bus: daemon.address });
  const remote = new ConnectionManagerClient(client, manager.place);
  return {
    daemon,
    service,
    manager,
    client,
    remote,
    errors,
    async request(protocol, parameters) {
      const [destination, path] = await remote.requestConnection(protocol, parameters);
      return { destination, path };
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await manager.close();
      await service.close();
      await daemon.stop();
    },
  };
}

/** The signals of a connection as one list, in the order in which they come. */
export async function record(
  bus: Bus,
  target: Target,
): Promise<{ readonly client: ConnectionClient; readonly heard: unknown[] }> {
  const client = new ConnectionClient(bus, target);
  const heard: unknown[] = [];
  await client.signals.selfHandleChanged.subscribe((...args) => heard.push(["SelfHandleChanged", ...args]));
  await client.signals.connectionError.subscribe((...args) => heard.push(["ConnectionError", ...args]));
  await client.signals.statusChanged.subscribe((...args) => heard.push(["StatusChanged", ...args]));
  return { client, heard };
}

/** Resolves when a condition holds; rejects after 20 seconds. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`this did not happen within 20 seconds: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
