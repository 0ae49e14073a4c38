import type { AnyService, Bus } from "@dbus-codegen-ts/runtime";
import { deferred } from "@dbus-codegen-ts/runtime/async";
import { Contacts } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Contacts";
import { NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ConnectionOptions } from "../connection/connection-model.ts";
import type { Place } from "../connection/object-names.ts";
import type { ParameterValues, Protocol } from "../protocols/protocol.ts";
import { Departures } from "./client-departures.ts";
import { ConnectionObject } from "./connection-object.ts";
import { ContactsObject } from "./contacts-object.ts";

/** What a connection is made of. */
export interface ConnectionMaking {
  readonly protocol: Protocol;
  readonly parameters: ParameterValues;
  readonly place: Place;
  readonly options: ConnectionOptions;
  /** Is told of errors that no caller can be told. */
  readonly onError: (error: unknown) => void;
}

/** A connection on the bus, from its export until its object and name are gone. */
export class ExportedConnection {
  /** The connection's object: may be given more interfaces. */
  readonly object: ConnectionObject;
  readonly #gone = deferred<void>();
  readonly #bus: Bus;
  readonly #place: Place;
  readonly #departures: Departures;
  /** What has to be undone when the connection leaves the bus, in this order. */
  readonly #leaving: (() => Promise<unknown>)[] = [];
  /** Services that wait for the connection to enter the bus; undefined once it has. */
  #waiting: AnyService[] | undefined = [];
  #isLeaving = false;

  /** @throws InvalidArgumentError when the protocol does not take the parameters. */
  constructor(bus: Bus, { protocol, parameters, place, options, onError }: ConnectionMaking) {
    this.#bus = bus;
    this.#place = place;
    this.#departures = new Departures(bus, {
      onLeave: (client) => this.object.live.dropClient(client),
      onLost: () => this.object.live.dropAllClients(),
      onError,
    });
    const around = {
      gone: this.gone,
      serve: (service: AnyService) => void this.#serve(service).catch(onError),
      interested: (client: string) => this.#departures.notice(client),
      onError,
    };
    this.object = new ConnectionObject(protocol, parameters, around, options);
    this.object.addInterface(Contacts.name, new ContactsObject(this.object.live));
    void this.object.live.ended.then(() => this.#leave(onError)).then(this.#gone.resolve);
  }

  /** Resolves when the connection is over and off the bus. Never rejects. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /**
   * Brings the connection to the bus: the object first, then the name, so that whoever sees the name finds the object.
   *
   * @throws NotAvailableError when the name cannot be had.
   */
  async enter(): Promise<void> {
    const services = [this.object, ...(this.#waiting ?? [])];
    this.#waiting = undefined;
    for (const service of services) await this.#serve(service);
    const { destination } = this.#place;
    const name = await this.#bus.requestName(destination).catch((cause: unknown) => {
      throw new NotAvailableError(`the bus does not give the name ${destination}`, { cause });
    });
    if (name.state !== "owner") throw new NotAvailableError(`somebody else has the name ${destination}`);
    await this.#whenLeaving(() => name.release());
    if (this.#isLeaving) throw new NotAvailableError("the connection was ended before it was on the bus");
  }

  /** Ends the connection because the user wants it. Resolves when it is off the bus. */
  async disconnect(): Promise<void> {
    void this.object.live.disconnect();
    await this.gone;
  }

  async #serve(service: AnyService): Promise<void> {
    if (this.#waiting !== undefined) {
      this.#waiting.push(service);
      return;
    }
    const served = await this.#bus.serve(this.#place.path, service);
    await this.#whenLeaving(() => served.close());
  }

  /** Undoes a step when the connection leaves the bus: at once where it is leaving while it still enters. */
  async #whenLeaving(undo: () => Promise<unknown>): Promise<void> {
    if (this.#isLeaving) await undo();
    else this.#leaving.push(undo);
  }

  async #leave(onError: (error: unknown) => void): Promise<void> {
    this.#isLeaving = true;
    for (const step of [...this.#leaving, () => this.#departures.close()]) await step().catch(onError);
  }
}
