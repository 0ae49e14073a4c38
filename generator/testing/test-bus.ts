import type { AnyService, Bus, ConnectOptions, ErrorHook, InterfaceContract, Target } from "@dbus-codegen-ts/runtime";
import type { Handlers, PropertiesOf } from "../tools/mock/handler-types.ts";
import { mock } from "../tools/mock/mock.ts";
import { type MockObject, MockObjects } from "../tools/mock/mock-objects.ts";
import { type PrivateBus, type PrivateBusOptions, privateBus } from "./private-bus.ts";

/** A generated client class. */
export type ClientClass<T> = new (bus: Bus, target: Target) => T;

/** A private bus with a connection for services and a connection for clients. */
export interface TestBus extends PrivateBus {
  /** The connection of the services. */
  readonly services: Bus;
  /** The connection of the clients. */
  readonly clients: Bus;
  /** Serves services at a path of the `services` connection. */
  serve(path: string, ...services: readonly AnyService[]): Promise<void>;
  /** Mocks on the `services` connection. */
  readonly objects: MockObjects;
  /** Creates a mock like the function `mock`, and adds it to the object at a path. */
  mock<const C extends InterfaceContract>(
    path: string,
    contract: C,
    handlers?: Handlers<C>,
    properties?: Partial<PropertiesOf<C>>,
  ): Promise<MockObject<C>>;
  /** Returns a generated client of an object of the `services` connection. */
  client<T>(clientClass: ClientClass<T>, path: string): T;
}

/** Options of a test bus. */
export interface TestBusOptions extends PrivateBusOptions {
  /**
   * Called with the bugs of handlers and listeners of all connections. By default the bugs are collected, and `stop()`
   * throws them.
   */
  readonly onError?: ErrorHook;
}

/**
 * Starts a private bus with two connections. `stop()` or the end of an `await using` block ends all of them, and throws
 * the error of a handler or listener that was no DBusError, so that the test fails with it.
 *
 * @example
 * ```ts
 * await using bus = await testBus();
 * const jukebox = await bus.mock("/org/example/Jukebox1", Jukebox1, { play: () => 7n });
 * const client = bus.client(Jukebox1Client, "/org/example/Jukebox1");
 * ```
 *
 * @throws The errors of `privateBus`.
 */
export async function testBus(options: TestBusOptions = {}): Promise<TestBus> {
  const bus = await privateBus(options);
  const bugs: unknown[] = [];
  const { onError = (error) => void bugs.push(error) } = options;
  try {
    const [services, clients] = await Promise.all([bus.connect({ onError }), bus.connect({ onError })]);
    return testBusOf(bus, services, clients, { onError, bugs });
  } catch (error) {
    await bus.stop();
    throw error;
  }
}

/** The error hook of a test bus, and the errors that it has collected. */
interface CollectedErrors {
  readonly onError: ErrorHook;
  readonly bugs: unknown[];
}

function testBusOf(bus: PrivateBus, services: Bus, clients: Bus, { onError, bugs }: CollectedErrors): TestBus {
  const stop = async (): Promise<void> => {
    await bus.stop();
    const thrown = bugs.splice(0);
    if (thrown.length > 1) throw new AggregateError(thrown, "several handlers or listeners failed");
    for (const error of thrown) throw error;
  };
  const objects = new MockObjects(services);
  return {
    address: bus.address,
    env: bus.env,
    pid: bus.pid,
    services,
    clients,
    connect: (options?: Omit<ConnectOptions, "bus">) => bus.connect({ onError, ...options }),
    stop,
    [Symbol.asyncDispose]: stop,
    async serve(path, ...served) {
      await services.serve(path, ...served);
    },
    objects,
    mock: (path, contract, handlers, properties) => objects.add(path, mock(contract, handlers, properties)),
    client: (clientClass, path) => new clientClass(clients, { destination: services.uniqueName, path }),
  };
}
