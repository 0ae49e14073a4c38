import type { AnyService, Bus, Target } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ConnectionOptions } from "../connection/connection-model.ts";
import type { Dialect } from "../dialects/dialect.ts";
import type { ParameterValues } from "../protocols/parameters.ts";
import type { Protocol } from "../protocols/protocol.ts";
import { ServedChannels } from "./channels/served-channels.ts";
import { ClientDepartures } from "./client-departures.ts";
import { interfacesOf } from "./connection-interfaces.ts";
import { ConnectionObject } from "./connection-object.ts";

/** Protocol, parameters, names and options of a connection that a client requested. */
export interface ConnectionRequest {
  readonly protocol: Protocol;
  readonly parameters: ParameterValues;
  /** Bus name and object path of the connection in each dialect. */
  readonly targets: ReadonlyMap<Dialect, Target>;
  readonly options: ConnectionOptions;
  /** Called with errors for which no caller waits. */
  readonly onError: (error: unknown) => void;
}

/** A connection on the bus, until its objects and its names are removed. */
export class ServedConnection {
  /** Object of the connection, to which interfaces can be added. */
  readonly object: ConnectionObject;
  readonly #gone = deferred<void>();
  readonly #bus: Bus;
  readonly #targets: ReadonlyMap<Dialect, Target>;
  readonly #departures: ClientDepartures;
  /** Functions that remove the connection from the bus, called in this order. */
  readonly #cleanup: (() => Promise<unknown>)[] = [];
  /** Additional services to be served by `publish`; undefined after `publish` was called. */
  #unpublished: AnyService[] | undefined = [];
  #isLeaving = false;

  /** @throws InvalidArgumentError if the protocol rejects the parameters. */
  constructor(bus: Bus, { protocol, parameters, targets, options, onError }: ConnectionRequest) {
    this.#bus = bus;
    this.#targets = targets;
    this.#departures = new ClientDepartures(bus, {
      onLeave: (client) => this.object.model.interests.removeClient(client),
      onLost: () => this.object.model.interests.removeAllClients(),
      onError,
    });
    const context = {
      dialects: [...targets.keys()],
      gone: this.gone,
      serve: (service: AnyService) => void this.#serveEverywhere(service).catch(onError),
      watchClient: (client: string) => this.#departures.watch(client),
      onError,
    };
    this.object = new ConnectionObject(protocol, parameters, context, options);
    for (const { name } of interfacesOf(this.object.model)) this.object.nameInterface(name);
    new ServedChannels({ bus, model: this.object.model, targets, onError });
    this.#departures.start();
    void this.object.model.ended.then(() => this.#leave(onError)).then(this.#gone.resolve);
  }

  /** Resolves when the connection has ended and has left the bus. Never rejects. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /**
   * Serves the objects of the connection, then requests its bus names, so that clients that see a name find the
   * object.
   *
   * @throws NotAvailableError if another connection to the bus owns a name, or the bus refuses it.
   */
  async publish(): Promise<void> {
    const { model, views } = this.object;
    for (const view of views) {
      const { dialect } = view;
      const target = this.#targetIn(dialect);
      const services = [view, ...interfacesOf(model).map(({ create }) => create(dialect, model, target.path))];
      for (const service of services) await this.#serve(target, service);
      // NewChannels must be emitted before NewChannel, so the listener is added after that of Requests.
      view.reportChannels(target.path);
    }
    const additional = this.#unpublished ?? [];
    this.#unpublished = undefined;
    for (const service of additional) await this.#serveEverywhere(service);
    for (const { destination } of this.#targets.values()) await this.#requestName(destination);
    if (this.#isLeaving) throw new NotAvailableError("the connection ended before it was published on the bus");
  }

  /** Disconnects the connection with the reason Requested. Resolves when it has left the bus. */
  async disconnect(): Promise<void> {
    void this.object.model.disconnect();
    await this.gone;
  }

  async #requestName(destination: string): Promise<void> {
    const name = await this.#bus.requestName(destination).catch((cause: unknown) => {
      throw new NotAvailableError(`the bus refuses the name ${destination}`, { cause });
    });
    if (name.state !== "owner") throw new NotAvailableError(`another connection owns the name ${destination}`);
    await this.#addCleanup(() => name.release());
  }

  #targetIn(dialect: Dialect): Target {
    const target = this.#targets.get(dialect);
    if (target === undefined) throw new TypeError(`the connection is not served as ${dialect.name}`);
    return target;
  }

  /** Serves an additional interface at the object paths of all dialects, or stores it until `publish`. */
  async #serveEverywhere(service: AnyService): Promise<void> {
    if (this.#unpublished !== undefined) {
      this.#unpublished.push(service);
      return;
    }
    for (const target of this.#targets.values()) await this.#serve(target, service);
  }

  async #serve({ path }: Target, service: AnyService): Promise<void> {
    const served = await this.#bus.serve(path, service);
    await this.#addCleanup(() => served.close());
  }

  /**
   * Adds a function that removes a part of the connection from the bus. If the connection has ended already, calls
   * it immediately.
   */
  async #addCleanup(step: () => Promise<unknown>): Promise<void> {
    if (this.#isLeaving) await step();
    else this.#cleanup.push(step);
  }

  async #leave(onError: (error: unknown) => void): Promise<void> {
    this.#isLeaving = true;
    for (const step of [...this.#cleanup, () => this.#departures.close()]) await step().catch(onError);
  }
}
