import { isDeepStrictEqual } from "node:util";
import type { Bearer, NetworkService } from "../../../policy/service.ts";
import { IpMonitor } from "../../linux/ip-monitor.ts";
import { MAIN_TABLE } from "../../linux/monitor-line.ts";
import { SerialTask } from "../../serial-task.ts";
import { NetworkError } from "../network.ts";
import { warnOfNetworkErrors } from "../network-errors.ts";
import { ObservedNetwork } from "../observed-network.ts";
import { technologyName } from "../technology-names.ts";
import { type CheckPath, CheckRoutes, removeCheckRoutes } from "./check-routes.ts";
import { LinkAttempts } from "./link-attempts.ts";
import {
  BROUGHT_UP_GROUP,
  type InterfaceBearers,
  type LinkService,
  type NetworkReading,
  servicesOfLinks,
  withoutCarriers,
} from "./link-services.ts";
import { isOnline, type OnlineCheck } from "./online-check.ts";
import { OnlineWatch } from "./online-watch.ts";
import { readNetwork } from "./read-network.ts";
import { SerialChanges, setLink } from "./serial-changes.ts";
import { StoredSettings } from "./stored-settings.ts";
import { TechnologyPower } from "./technology-power.ts";

/**
 * Delays between an event and the next reading, because plugging in a cable causes about a dozen events. The first
 * event is followed by a reading at once. A later event is followed by a reading when no other event came for
 * `quietMs`, and after `maxWaitMs` in any case.
 */
const READ_DELAYS = { runsAtOnce: true, quietMs: 10, maxWaitMs: 30 };
/** Time after which a failed reading is repeated. */
const RETRY_DELAY_MS = 1_000;
/**
 * Milliseconds after the loss of a carrier at which the network is read, if no other event came. A loss is published without
 * a reading. Programs that read the network would take processors from the bus while the bus delivers Updates.
 */
const LOSS_READ_DELAY_MS = 50;
const CONNECT_TIMEOUT_MS = 30_000;

/** Options of a Linux network. */
export interface LinuxNetworkOptions {
  /** Bearers of interfaces, if the system does not know them or they must be overridden. */
  readonly bearers?: InterfaceBearers;
  /**
   * When a ready service is online: when a repeated HTTP request over its interface succeeds, or (`assume`) when it has
   * a default route. Default: no service is online.
   */
  readonly online?: OnlineCheck | "assume";
  /** Whether `connect` brings up interfaces that are switched off. Default: true. */
  readonly switchInterfaces?: boolean;
  /** Milliseconds after which an interface that was brought up and has no addresses is taken down. Default: 30,000. */
  readonly connectTimeoutMs?: number;
  /**
   * File that stores offline mode, technologies that are switched off, and services without AutoConnect. Default: they
   * are not stored.
   */
  readonly settingsFile?: string;
  /** Folder in which the kernel shows the switches of radios. Default: `/sys/class/rfkill`. */
  readonly radioSwitches?: string;
  /** Called with errors that no method returns. The failed work is repeated. Default: emits a process warning. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The network of this machine, read with `ip` of iproute2. Each interface that leads to a network is a service.
 * Addresses and default routes are configured by other programs.
 *
 * An interface that is switched off is an idle service. `connect` switches it on, and `disconnect` switches off only
 * what `connect` has switched on. If a process crashes, the next process switches off the interfaces that the crashed
 * one had switched on.
 */
export class LinuxNetwork extends ObservedNetwork {
  readonly #options: LinuxNetworkOptions;
  readonly #reading = new SerialTask(() => this.#readOrRetry(), READ_DELAYS);
  /** Timer of the next reading of the network, after a failed reading or the loss of a carrier. */
  #readTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #monitor: IpMonitor | undefined;
  readonly #onlineWatch: OnlineWatch | undefined;
  readonly #checkRoutes = new CheckRoutes();
  readonly #attempts: LinkAttempts;
  readonly #changes = new SerialChanges((error) => this.onError(error));
  readonly #settings: StoredSettings;
  readonly #power: TechnologyPower;
  readonly #checks = new Set<Promise<unknown>>();
  #hasCheckFailed = false;
  /** Names of interfaces that `connect` has switched on. */
  readonly #broughtUp = new Set<string>();
  #links: readonly LinkService[] = [];
  #lastReading: NetworkReading | undefined;
  /**
   * Interfaces that have lost their carrier, by interface number, each with the number of readings that had begun
   * before the loss.
   */
  readonly #lostLinks = new Map<number, number>();
  #readingCount = 0;

  /**
   * Reads the network and starts to watch it.
   *
   * @throws CommandError if `ip` is missing or fails. IpOutputError if its output cannot be parsed.
   */
  static async open(options: LinuxNetworkOptions = {}): Promise<LinuxNetwork> {
    const network = new LinuxNetwork(options);
    await network.#settings.load().catch((error: unknown) => network.onError(error));
    await network.#read();
    await network.#restore();
    network.#watch();
    return network;
  }

  private constructor(options: LinuxNetworkOptions) {
    super(options.onError ?? warnOfNetworkErrors("Linux"));
    this.#options = options;
    const { online, connectTimeoutMs = CONNECT_TIMEOUT_MS, settingsFile, radioSwitches } = options;
    this.#settings = new StoredSettings(settingsFile, this.#changes);
    const links = { links: () => this.#links, isBroughtUp: (name: string) => this.#broughtUp.has(name) };
    this.#power = new TechnologyPower(links, this.#settings, this.#changes, radioSwitches);
    this.#attempts = new LinkAttempts(connectTimeoutMs, {
      onChange: () => this.#publish(),
      onFailed: (id) => this.#takeDown(id),
    });
    if (online !== undefined && online !== "assume") {
      this.#onlineWatch = new OnlineWatch(
        (link, signal) => this.#checkOnline(online, link, signal),
        () => this.#publish(),
      );
    }
  }

  /**
   * Switches on the interface of an idle service. If the interface is already on, the service fails, because its
   * carrier is missing. If there are no addresses after the timeout, the service fails, and the interface is switched
   * off.
   */
  connect(id: string): void {
    const link = this.#link(id);
    const isPossible = this.#options.switchInterfaces !== false && link?.service.state === "idle";
    if (!isPossible || this.#attempts.isActive(id) || !this.#power.isPowered(link.service.bearer)) return;
    if (link.isUp) this.#attempts.fail(id, "connect-failed");
    else this.#bringUp(link);
    // Publishes after this call, because its caller is handling an event.
    setImmediate(() => this.#publish());
  }

  /** Switches the interface of a service off if `connect` has switched it on. */
  disconnect(id: string): void {
    this.#attempts.end(id);
    this.#takeDown(id);
  }

  /**
   * Switches all radios off if `offline` is true; otherwise switches on the radios that offline mode has switched off.
   */
  async setOffline(offline: boolean): Promise<void> {
    const bearers = this.technologies.map(({ bearer }) => bearer);
    await this.#power.setOffline(offline, bearers).finally(() => this.#readOrRetry());
  }

  /**
   * Switches the radios and interfaces of a technology off if `isPowered` is false; otherwise switches on those that an
   * earlier call has switched off.
   */
  async setPowered(bearer: Bearer, isPowered: boolean): Promise<void> {
    if (!this.technologies.some((technology) => technology.bearer === bearer)) {
      throw new NetworkError(`there is no technology ${bearer}`);
    }
    await this.#power.setPowered(bearer, isPowered);
    await this.#readOrRetry();
  }

  /**
   * Sets whether a service may be brought up when a session calls Connect. @throws NetworkError if the service does not
   * exist.
   */
  async setAutoConnect(id: string, autoConnect: boolean): Promise<void> {
    if (this.#link(id) === undefined) throw new NetworkError(`there is no service ${id}`);
    const withoutAutoConnect = new Set(this.#settings.current.withoutAutoConnect);
    if (autoConnect) withoutAutoConnect.delete(id);
    else withoutAutoConnect.add(id);
    this.#settings.change({ withoutAutoConnect });
    this.#publish();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.state.close();
    this.#onlineWatch?.close();
    await Promise.all([this.#monitor?.close(), this.#reading.close()]);
    clearTimeout(this.#readTimer);
    // A reading that was in progress may have started checks and attempts.
    this.#onlineWatch?.close();
    this.#attempts.close();
    await Promise.all(this.#checks);
    // Interfaces that were not taken down stay on, and belong to the administrator from now on.
    const remaining = this.#links.filter(
      ({ service, isBroughtUp }) => isBroughtUp && this.#broughtUp.has(service.interface),
    );
    for (const { service } of remaining) this.#changes.add(() => setLink(service.interface, "group", "default"));
    await this.#changes.settled();
    // Changes may have led to settings that must be written.
    await this.#changes.settled();
  }

  #watch(): void {
    this.#monitor = new IpMonitor({
      // Listeners handle published changes at the end of this turn. They must not wait until the processes of a reading
      // are started.
      onChange: () => void setImmediate(() => this.#reading.request()),
      onNoCarrier: (index) => this.#linkLost(index),
      // Other tables, such as those of sessions and online checks, are not read.
      isRelevant: ({ table }) => table === MAIN_TABLE,
      onError: (error) => this.onError(error),
    });
  }

  /**
   * Publishes the loss of a carrier without a reading. A reading would take longer than moving the sessions to another
   * service.
   */
  #linkLost(index: number): void {
    this.#lostLinks.set(index, this.#readingCount);
    if (this.#lastReading !== undefined) this.#apply(this.#lastReading);
    this.#readAfter(LOSS_READ_DELAY_MS);
  }

  #readAfter(delayMs: number): void {
    clearTimeout(this.#readTimer);
    this.#readTimer = setTimeout(() => this.#reading.request(), delayMs).unref();
  }

  /**
   * Removes interface settings and online check routes that a crashed process has left, and switches off the
   * technologies that were off before.
   */
  async #restore(): Promise<void> {
    const left = this.#links.filter(({ isUp, isBroughtUp }) => isUp && isBroughtUp);
    for (const { service } of left) this.#changes.add(() => setLink(service.interface, "down", "group", "default"));
    this.#changes.add(removeCheckRoutes);
    const isSwitchedOff = this.#power.restore();
    await this.#changes.settled();
    if (left.length > 0 || isSwitchedOff) await this.#read();
  }

  async #readOrRetry(): Promise<void> {
    clearTimeout(this.#readTimer);
    try {
      await this.#read();
    } catch (error) {
      if (this.#isClosed) return;
      this.onError(error);
      this.#readAfter(RETRY_DELAY_MS);
    }
  }

  async #read(): Promise<void> {
    const number = ++this.#readingCount;
    const [reading] = await Promise.all([readNetwork(this.#options.bearers), this.#power.read()]);
    // The reading may be older than the loss of a carrier.
    for (const [index, readings] of this.#lostLinks) if (readings < number) this.#lostLinks.delete(index);
    this.#lastReading = reading;
    this.#apply(reading);
  }

  #apply(reading: NetworkReading): void {
    const links = servicesOfLinks(withoutCarriers(reading, this.#lostLinks), this.#options.bearers);
    if (isDeepStrictEqual(links, this.#links)) {
      this.#publish();
      return;
    }
    this.#links = links;
    const up = new Set(links.filter(({ isUp }) => isUp).map(({ service }) => service.interface));
    const isComingUp = (name: string): boolean =>
      links.some(({ service }) => service.interface === name && this.#attempts.isActive(service.id));
    for (const name of this.#broughtUp) if (!up.has(name) && !isComingUp(name)) this.#broughtUp.delete(name);
    this.#attempts.update(links, this.#broughtUp);
    this.#onlineWatch?.update(links);
    this.#publish();
  }

  #publish(): void {
    const powered = this.#links.filter(({ service }) => this.#power.isPowered(service.bearer));
    const bearers = new Set([...this.#links.map(({ service }) => service.bearer), ...this.#power.radios]);
    const technologies = [...bearers].sort().map((bearer) => {
      return { bearer, name: technologyName(bearer), isPowered: this.#power.isPowered(bearer) };
    });
    const services = powered.map((link) => this.#stateOf(link));
    this.state.publish({ services, technologies, isOffline: this.#power.isOffline });
  }

  #stateOf(link: LinkService): NetworkService {
    const service = this.#attempts.stateOf(link.service);
    const autoConnect = service.autoConnect && !this.#settings.current.withoutAutoConnect.has(service.id);
    return { ...service, autoConnect, ...(this.#isOnline(link) && { state: "online" }) };
  }

  #isOnline({ service: { id, state }, defaultRoutes }: LinkService): boolean {
    if (state !== "ready") return false;
    if (this.#options.online === "assume") return defaultRoutes.length > 0;
    return this.#onlineWatch?.isOnline(id) === true;
  }

  #link(id: string): LinkService | undefined {
    return this.#links.find(({ service }) => service.id === id);
  }

  #bringUp({ service: { id, interface: name }, hasDefaultGroup }: LinkService): void {
    this.#attempts.begin(id);
    this.#broughtUp.add(name);
    const group = hasDefaultGroup ? ["group", BROUGHT_UP_GROUP] : [];
    this.#changes.add(
      () => setLink(name, "up", ...group),
      () => {
        this.#broughtUp.delete(name);
        this.#attempts.fail(id, "connect-failed");
        this.#publish();
      },
    );
  }

  #takeDown(id: string): void {
    const link = this.#link(id);
    if (link === undefined || !this.#broughtUp.delete(link.service.interface)) return;
    const group = link.isBroughtUp || link.hasDefaultGroup ? ["group", "default"] : [];
    this.#changes.add(() => setLink(link.service.interface, "down", ...group));
  }

  /** Returns whether a service reaches the Internet with one of its address families. Never rejects. */
  async #checkOnline(check: OnlineCheck, link: LinkService, signal: AbortSignal): Promise<boolean> {
    const paths = link.defaultRoutes.flatMap((family) => checkPathOf(link.service, family) ?? []);
    const checks = paths.map((path) => isOnline(check, path, this.#checkRoutes, signal));
    const settled = Promise.allSettled(checks).then((results) => {
      this.#checks.delete(settled);
      this.#reportCheckFailure(results.find(({ status }) => status === "rejected"));
      return results.some((result) => result.status === "fulfilled" && result.value);
    });
    this.#checks.add(settled);
    const firstSuccess = new Promise<boolean>((resolve) => {
      for (const result of checks)
        void result.then(
          (isReached) => isReached && resolve(true),
          () => undefined,
        );
    });
    return Promise.race([settled, firstSuccess]);
  }

  /** Reports a failed check, unless the previous check failed, too. */
  #reportCheckFailure(failure: PromiseSettledResult<boolean> | undefined): void {
    if (failure?.status === "rejected" && !this.#hasCheckFailed && !this.#isClosed) this.onError(failure.reason);
    this.#hasCheckFailed = failure !== undefined;
  }
}

function checkPathOf({ interface: name, ipv4, ipv6 }: NetworkService, family: 4 | 6): CheckPath | undefined {
  const { address, gateway } = family === 4 ? ipv4 : ipv6;
  return address === undefined ? undefined : { family, interface: name, address, gateway };
}
