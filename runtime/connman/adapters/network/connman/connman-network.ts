import {
  type Bus,
  DBusError,
  DisconnectedError,
  NameHasNoOwnerError,
  ServiceUnknownError,
  type Subscription,
  UnknownObjectError,
  Variant,
} from "@dbus-codegen-ts/runtime";
import {
  AlreadyConnectedError,
  AlreadyDisabledError,
  AlreadyEnabledError,
  InProgressError,
  NotConnectedError,
} from "@dbus-codegen-ts/stubs/net.connman.Error";
import { ManagerClient } from "@dbus-codegen-ts/stubs/net.connman.Manager";
import { ServiceClient } from "@dbus-codegen-ts/stubs/net.connman.Service";
import { TechnologyClient } from "@dbus-codegen-ts/stubs/net.connman.Technology";
import type { Bearer, IPv4, NetworkService } from "../../../policy/service.ts";
import { SerialTask } from "../../serial-task.ts";
import { NetworkError } from "../network.ts";
import { warnOfNetworkErrors } from "../network-errors.ts";
import { ObservedNetwork } from "../observed-network.ts";
import { pathOf, servicesOf, technologiesOf } from "./connman-services.ts";
import { ObjectSignals } from "./object-signals.ts";

const CONNMAN = "net.connman";

const ABSENCES = [ServiceUnknownError, NameHasNoOwnerError, UnknownObjectError, DisconnectedError];

/** Time after which a failed reading is repeated. */
const RETRY_DELAY_MS = 1_000;
/** ConnMan replies to Connect and Scan after at most two minutes. */
const LONG_CALL = { timeout: 150_000 };

export interface ConnmanNetworkOptions {
  /** Called with errors that no method returns. Default: emits a process warning. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The network that a running ConnMan manages. After each signal of ConnMan, all services and technologies are read.
 * While ConnMan is not on the bus, there are no services.
 */
export class ConnmanNetwork extends ObservedNetwork {
  readonly #bus: Bus;
  readonly #manager: ManagerClient;
  readonly #signals = new ObjectSignals();
  readonly #reading = new SerialTask(() => this.#readOrRetry(), { quietMs: 0, maxWaitMs: 0 });
  readonly #subscriptions: Subscription[] = [];
  /** The reason why the last Connect of a service failed, by service id. Deleted when the service comes up. */
  readonly #failures = new Map<string, string>();
  /**
   * Services that this program disconnects, by id, with their progress. Other services that go down were disconnected
   * by a user.
   */
  readonly #disconnected = new Map<string, "going down" | "down">();
  readonly #disconnectedByUser = new Set<string>();
  #retryTimer: NodeJS.Timeout | undefined;
  #owner: string | undefined;
  /**
   * Whether the first reading has ended. The first reading does not run in `#reading`, so no other reading may be
   * requested before its end.
   */
  #isOpen = false;
  #isClosed = false;

  /**
   * Reads the services of ConnMan and follows their changes, also when ConnMan is restarted. If ConnMan is not running,
   * the bus starts it if a service file exists for it.
   *
   * @param bus - A connection to the bus of ConnMan. `close` does not close it.
   * @throws DBusError if the bus refuses.
   */
  static async open(bus: Bus, options: ConnmanNetworkOptions = {}): Promise<ConnmanNetwork> {
    const network = new ConnmanNetwork(bus, options);
    try {
      await network.#start();
      return network;
    } catch (error) {
      await network.close();
      throw error;
    }
  }

  private constructor(bus: Bus, { onError = warnOfNetworkErrors("ConnMan") }: ConnmanNetworkOptions) {
    super(onError);
    this.#bus = bus;
    this.#manager = new ManagerClient(bus, at("/"));
  }

  connect(id: string): void {
    this.#failures.delete(id);
    this.#disconnectedByUser.delete(id);
    this.#disconnected.delete(id);
    this.#service(id)
      .connect(LONG_CALL)
      .catch((error: unknown) => {
        if (error instanceof AlreadyConnectedError || error instanceof InProgressError || this.#isGone(id, error))
          return;
        this.#failures.set(id, error instanceof DBusError ? error.message : "connect-failed");
        this.onError(error);
        this.#requestReading();
      });
  }

  disconnect(id: string): void {
    this.#disconnected.set(id, "going down");
    this.#service(id)
      .disconnect()
      .catch((error: unknown) => {
        this.#disconnected.delete(id);
        if (!(error instanceof NotConnectedError || this.#isGone(id, error))) this.onError(error);
      });
  }

  async setOffline(offline: boolean): Promise<void> {
    await accepted(this.#manager.setProperty("OfflineMode", new Variant("b", offline)));
  }

  async setPowered(bearer: Bearer, isPowered: boolean): Promise<void> {
    await accepted(this.#technology(bearer).setProperty("Powered", new Variant("b", isPowered)));
  }

  async setAutoConnect(id: string, autoConnect: boolean): Promise<void> {
    await accepted(this.#service(id).setProperty("AutoConnect", new Variant("b", autoConnect)));
  }

  async setIPv4(id: string, { method, address, netmask, gateway }: IPv4): Promise<void> {
    const entries = Object.entries({ Method: method, Address: address, Netmask: netmask, Gateway: gateway });
    const given = entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, new Variant("s", value)]]));
    const configuration = new Variant("a{sv}", Object.fromEntries(given));
    await accepted(this.#service(id).setProperty("IPv4.Configuration", configuration));
  }

  async forget(id: string): Promise<void> {
    await accepted(this.#service(id).remove());
  }

  async move(id: string, place: "before" | "after", otherId: string): Promise<void> {
    const service = this.#service(id);
    await accepted(place === "before" ? service.moveBefore(pathOf(otherId)) : service.moveAfter(pathOf(otherId)));
  }

  async scan(bearer: Bearer): Promise<void> {
    await accepted(this.#technology(bearer).scan(LONG_CALL));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.state.close();
    clearTimeout(this.#retryTimer);
    await this.#reading.close();
    clearTimeout(this.#retryTimer);
    await Promise.allSettled([
      this.#signals.close(),
      ...this.#subscriptions.map((subscription) => subscription.close()),
    ]);
  }

  async #start(): Promise<void> {
    const read = (): void => this.#requestReading();
    const { propertyChanged, servicesChanged, technologyAdded, technologyRemoved } = this.#manager.signals;
    const results = await Promise.allSettled([
      propertyChanged.subscribe(read),
      servicesChanged.subscribe(read),
      technologyAdded.subscribe(read),
      technologyRemoved.subscribe(read),
      this.#bus.watchName(CONNMAN, (owner) => this.#onOwner(owner)),
    ]);
    for (const result of results) if (result.status === "fulfilled") this.#subscriptions.push(result.value);
    const refused = results.find((result) => result.status === "rejected");
    if (refused !== undefined) throw refused.reason;
    // If ConnMan is not running, this call makes the bus start it if a service file exists for it.
    await this.#readOrRetry();
    // Signals may have arrived during that reading.
    this.#isOpen = true;
    this.#requestReading();
  }

  #requestReading(): void {
    if (this.#isOpen) this.#reading.request();
  }

  #onOwner(owner: string | undefined): void {
    this.#owner = owner;
    for (const ids of [this.#failures, this.#disconnected, this.#disconnectedByUser]) ids.clear();
    if (owner !== undefined) this.#requestReading();
    else if (!this.#isClosed) this.state.publish({ services: [], technologies: [], isOffline: false });
  }

  async #readOrRetry(): Promise<void> {
    clearTimeout(this.#retryTimer);
    try {
      await this.#read();
    } catch (error) {
      // While ConnMan is not running, there is nothing to read. Its return leads to another reading.
      if (this.#isClosed || this.#owner === undefined || isAbsence(error)) return;
      this.onError(error);
      this.#retryTimer = setTimeout(() => this.#requestReading(), RETRY_DELAY_MS).unref();
    }
  }

  async #read(): Promise<void> {
    const owner = this.#owner;
    const [properties, serviceEntries, technologyEntries] = await Promise.all([
      this.#manager.getProperties(),
      this.#manager.getServices(),
      this.#manager.getTechnologies(),
    ]);
    // The replies are of a ConnMan process that has ended. Its successor is read next.
    if (this.#isClosed || this.#owner === undefined || (owner !== undefined && owner !== this.#owner)) return;
    const services = servicesOf(serviceEntries);
    const ids = new Set(services.map(({ id }) => id));
    for (const noted of [this.#failures, this.#disconnected, this.#disconnectedByUser]) {
      for (const id of noted.keys()) if (!ids.has(id)) noted.delete(id);
    }
    this.state.publish({
      services: services.map((service) => this.#withNotes(service)),
      technologies: technologiesOf(technologyEntries),
      isOffline: properties.offlineMode ?? false,
    });
    const wanted = new Map([
      ...services.map(({ id }) => [pathOf(id), () => this.#subscribeToService(id)] as const),
      ...this.technologies.map(
        ({ bearer }) => [technologyPath(bearer), () => this.#subscribeToTechnology(bearer)] as const,
      ),
    ]);
    // A change before the subscription is not noticed, so objects with new subscriptions are read a second time.
    if (await this.#signals.follow(wanted)) this.#requestReading();
  }

  #subscribeToService(id: string): Promise<Subscription> {
    return this.#service(id).signals.propertyChanged.subscribe((name, { value }) => {
      if (name === "State") this.#noteState(id, value);
      this.#requestReading();
    });
  }

  /**
   * Updates what is known about a service after a change of its state: whether a user disconnected it, whether it goes
   * down, and whether its last failure still counts. Uses the signal and not a reading, because a reading may be older
   * than a request.
   * The states `association` and `configuration` show that a service comes up. A service that goes down is in
   * `configuration`, too, while only one of IPv4 and IPv6 is down.
   */
  #noteState(id: string, state: unknown): void {
    if (state === "disconnect" && !this.#disconnected.has(id)) this.#disconnectedByUser.add(id);
    if (state !== "idle" && state !== "disconnect") this.#failures.delete(id);
    if (state === "idle" && this.#disconnected.has(id)) this.#disconnected.set(id, "down");
    const comesUp = state === "association" || state === "configuration";
    if (!comesUp || this.#disconnected.get(id) === "going down") return;
    this.#disconnected.delete(id);
    this.#disconnectedByUser.delete(id);
  }

  #subscribeToTechnology(bearer: Bearer): Promise<Subscription> {
    return this.#technology(bearer).signals.propertyChanged.subscribe(() => this.#requestReading());
  }

  /** Adds to a service what ConnMan does not report: that Connect failed, and that a user disconnected the service. */
  #withNotes(service: NetworkService): NetworkService {
    const { id, state } = service;
    const failure = state === "idle" ? this.#failures.get(id) : undefined;
    return {
      ...service,
      ...(failure !== undefined && { state: "failure", failure }),
      ...(this.#disconnectedByUser.has(id) && { isDisconnectedByUser: true }),
    };
  }

  /**
   * Returns whether the error of a request can be ignored, because the service, ConnMan or this object no longer
   * exists.
   */
  #isGone(id: string, error: unknown): boolean {
    return this.#isClosed || isAbsence(error) || this.services.every((service) => service.id !== id);
  }

  #service(id: string): ServiceClient {
    return new ServiceClient(this.#bus, at(pathOf(id)));
  }

  #technology(bearer: Bearer): TechnologyClient {
    return new TechnologyClient(this.#bus, at(technologyPath(bearer)));
  }
}

function at(path: string): { readonly destination: string; readonly path: string } {
  return { destination: CONNMAN, path };
}

function technologyPath(bearer: Bearer): string {
  return `/net/connman/technology/${bearer}`;
}

/** Returns whether a call failed because ConnMan, its object or the connection did not exist at that time. */
function isAbsence(error: unknown): boolean {
  return ABSENCES.some((absence) => error instanceof absence);
}

/**
 * Waits for a change that was requested from ConnMan. Also resolves if nothing had to be changed.
 *
 * @throws NetworkError with ConnMan's reason if ConnMan refuses the change.
 */
async function accepted(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    if (error instanceof AlreadyEnabledError || error instanceof AlreadyDisabledError) return;
    throw new NetworkError(error instanceof DBusError ? error.message : "ConnMan did not reply", { cause: error });
  }
}
