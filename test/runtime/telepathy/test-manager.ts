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

/** A connection manager and a client on a private bus. */
export interface TestSetup extends AsyncDisposable {
  readonly daemon: PrivateBus;
  /** Connection of the manager to the bus. */
  readonly service: Bus;
  readonly manager: ServedManager;
  readonly client: Bus;
  /** Client for the object of the manager. */
  readonly remote: ConnectionManagerClient;
  /** Errors that were passed to `onError`. */
  readonly errors: unknown[];
  /** Requests a connection. Resolves with its bus name and object path. */
  request(protocol: string, parameters: ConnectionParameters): Promise<Target>;
}

/** Starts a private bus with a connection manager named `test` and a client. */
export async function startTestManager(
  protocols: readonly Protocol[],
  options: Partial<ManagerOptions> = {},
): Promise<TestSetup> {
  const daemon = await startPrivateBus();
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const service = await connect({ bus: daemon.address, onError });
  const managerOptions = { name: "test", protocols, onError, ...options };
  const manager = await serveConnectionManager(service, managerOptions).catch(async (error: unknown) => {
    await service.close();
    await daemon.stop();
    throw error;
  });
  const client = await connect({ bus: daemon.address });
  const remote = new ConnectionManagerClient(client, manager.target);
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

/** Records all signals of a connection in one list. */
export async function recordSignals(
  bus: Bus,
  target: Target,
): Promise<{ readonly client: ConnectionClient; readonly received: unknown[] }> {
  const client = new ConnectionClient(bus, target);
  const received: unknown[] = [];
  await client.signals.selfHandleChanged.subscribe((...args) => received.push(["SelfHandleChanged", ...args]));
  await client.signals.connectionError.subscribe((...args) => received.push(["ConnectionError", ...args]));
  await client.signals.statusChanged.subscribe((...args) => received.push(["StatusChanged", ...args]));
  return { client, received };
}

/** Resolves when a condition is true. Rejects with the description after 60 seconds. */
export async function until(description: string, condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`this did not happen within 60 seconds: ${description}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
