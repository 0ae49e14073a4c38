import type { AnyService, Bus, InterfaceContract, Target } from "@dbus-codegen-ts/runtime";
import type { Handlers, PropertiesOf } from "../tools/mock/handler-types.ts";
import { type Mock, mock } from "../tools/mock/mock.ts";
import { type PrivateBus, type PrivateBusOptions, privateBus } from "./private-bus.ts";

/** A class of generated clients. */
export type ClientClass<T> = new (bus: Bus, target: Target) => T;

/** A private bus with a connection for services and one for clients: a test's own small world. */
export interface TestBus extends PrivateBus {
  /** The connection that serves. */
  readonly services: Bus;
  /** The connection that calls. */
  readonly clients: Bus;
  /** Serves services at a path. */
  serve(path: string, ...services: readonly AnyService[]): Promise<void>;
  /** Serves a stand-in for an interface at a path: as `mock` of its contract. */
  mock<const C extends InterfaceContract>(
    path: string,
    contract: C,
    handlers?: Handlers<C>,
    properties?: Partial<PropertiesOf<C>>,
  ): Promise<Mock<C>>;
  /** A generated client of an object that is served here. */
  client<T>(clientClass: ClientClass<T>, path: string): T;
}

/**
 * Starts a private bus and connects to it twice. Everything ends with it.
 *
 * @example
 * ```ts
 * await using bus = await testBus();
 * const jukebox = await bus.mock("/org/example/Jukebox1", Jukebox1, { play: () => 7n });
 * const client = bus.client(Jukebox1Client, "/org/example/Jukebox1");
 * ```
 *
 * @throws Error as `privateBus` does.
 */
export async function testBus(options: PrivateBusOptions = {}): Promise<TestBus> {
  const bus = await privateBus(options);
  try {
    const [services, clients] = await Promise.all([bus.connect(), bus.connect()]);
    return testBusOf(bus, services, clients);
  } catch (error) {
    await bus.stop();
    throw error;
  }
}

function testBusOf(bus: PrivateBus, services: Bus, clients: Bus): TestBus {
  const stop = (): Promise<void> => bus.stop();
  return {
    address: bus.address,
    env: bus.env,
    pid: bus.pid,
    services,
    clients,
    connect: (options) => bus.connect(options),
    stop,
    [Symbol.asyncDispose]: stop,
    async serve(path, ...served) {
      await services.serve(path, ...served);
    },
    async mock(path, contract, handlers, properties) {
      const made = mock(contract, handlers, properties);
      await services.serve(path, made.service);
      return made;
    },
    client: (clientClass, path) => new clientClass(clients, { destination: services.uniqueName, path }),
  };
}
