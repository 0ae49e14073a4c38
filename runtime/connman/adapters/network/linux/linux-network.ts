import { isDeepStrictEqual } from "node:util";
import type { Bearer, NetworkService } from "../../../policy/service.ts";
import { CommandError, runCommand } from "../../linux/command.ts";
import { IpMonitor } from "../../linux/ip-monitor.ts";
import { SerialTask } from "../../serial-task.ts";
import { type Network, NetworkError, type NetworkSubscription, type Technology } from "../network.ts";
import { warnOfNetworkErrors } from "../network-errors.ts";
import { NetworkState } from "../network-state.ts";
import { technologyName } from "../technology-names.ts";
import { type CheckPath, CheckRoutes, removeCheckRoutes } from "./check-routes.ts";
import { deviceType } from "./device-type.ts";
import { parseLinks, parseRoutes } from "./ip-json.ts";
import { LinkAttempts } from "./link-attempts.ts";
import {
  BROUGHT_UP_GROUP,
  type InterfaceBearers,
  type LinkService,
  type NetworkReading,
  servicesOfLinks,
} from "./link-services.ts";
import { isOnline, type OnlineCheck } from "./online-check.ts";
import { OnlineWatch } from "./online-watch.ts";
import { packetsOf } from "./packet-count.ts";
import {
  isRadio,
  RADIO_SWITCHES_FOLDER,
  type RadioSwitch,
  readRadioSwitches,
  setRadioSwitch,
} from "./radio-switches.ts";
import { DEFAULT_SETTINGS, type NetworkSettings, readSettingsFile, writeSettingsFile } from "./settings-file.ts";
import { wirelessNames } from "./wireless-names.ts";

/**
 * The first event leads to a reading at once, and further events to one when no more came for a time, or after a longer
 * time. Plugging in a cable causes about a dozen events.
 */
const READ_DELAYS = { runsAtOnce: true, quietMs: 10, maxWaitMs: 30 };
/** Time after which a failed reading is repeated. */
const RETRY_DELAY_MS = 1_000;
const CONNECT_TIMEOUT_MS = 30_000;

/** How the network of this machine is interpreted. */
export interface LinuxNetworkOptions {
  /** Bearers of interfaces, if the system does not know them or they must be overridden. */
  readonly bearers?: InterfaceBearers;
  /**
   * How a ready service becomes online: by an HTTP request over its interface, which is repeated, or (`assume`) by having a
   * default route. Default: no service is online.
   */
  readonly online?: OnlineCheck | "assume";
  /** Whether `connect` brings up interfaces that are switched off. Default: true. */
  readonly switchInterfaces?: boolean;
  /** Milliseconds after which an interface that was brought up and has no addresses is taken down. Default: 30,000. */
  readonly connectTimeoutMs?: number;
  /**
   * File in which offline mode, technologies that are switched off, and services without AutoConnect are remembered.
   * Default: they are not.
   */
  readonly settingsFile?: string;
  /** Folder of the switches of radios. Default: `/sys/class/rfkill`. */
  readonly radioSwitches?: string;
  /** Called with errors that no method returns. The work is repeated. Default: warnings of the process. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The network of this machine, read with `ip` of iproute2: each interface to a network is a service. Addresses and
 * default routes are configured by other programs.
 *
 * An interface that is switched off is an idle service. `connect` switches it on, and `disconnect` switches off only what
 * `connect` has switched on. Interfaces that were switched on for a process that crashed are switched off at the next start.
 */
export class LinuxNetwork implements Network {
  readonly #options: LinuxNetworkOptions;
  readonly #onError: (error: unknown) => void;
  readonly #state = new NetworkState((error) => this.#report(error));
  readonly #reading = new SerialTask(() => this.#readOrRetry(), READ_DELAYS);
  #retryTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #monitor: IpMonitor | undefined;
  readonly #onlineWatch: OnlineWatch | undefined;
  readonly #checkRoutes = new CheckRoutes();
  readonly #attempts: LinkAttempts;
  /** Resolves after all changes of interfaces so far, which are made one after the other. */
  #lastChange: Promise<unknown> = Promise.resolve();
  readonly #checks = new Set<Promise<unknown>>();
  #hasCheckFailed = false;
  /** Names of interfaces that `connect` has switched on. */
  readonly #broughtUp = new Set<string>();
  #links: readonly LinkService[] = [];
  #radioSwitches: readonly RadioSwitch[] = [];
  #settings = DEFAULT_SETTINGS;

  /**
   * Reads the network and starts to watch it.
   *
   * @throws CommandError if `ip` is missing or fails. IpOutputError if its output cannot be parsed.
   */
  static async open(options: LinuxNetworkOptions = {}): Promise<LinuxNetwork> {
    const network = new LinuxNetwork(options);
    await network.#loadSettings();
    await network.#read();
    await network.#restore();
    network.#watch();
    return network;
  }

  private constructor(options: LinuxNetworkOptions) {
    this.#options = options;
    this.#onError = options.onError ?? warnOfNetworkErrors("Linux");
    const { online, connectTimeoutMs = CONNECT_TIMEOUT_MS } = options;
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

  get services(): readonly NetworkService[] {
    return this.#state.services;
  }

  get technologies(): readonly Technology[] {
    return this.#state.technologies;
  }

  get isOffline(): boolean {
    return this.#state.isOffline;
  }

  subscribe(listener: () => void): NetworkSubscription {
    return this.#state.subscribe(listener);
  }

  /**
   * Switches the interface of an idle service on. If it is on already, it has no carrier, and the service fails. The service
   * also fails, and its interface is switched off, if it has no addresses after the timeout.
   */
  connect(id: string): void {
    const link = this.#link(id);
    const isPossible = this.#options.switchInterfaces !== false && link?.service.state === "idle";
    if (!isPossible || this.#attempts.isActive(id) || !this.#isPowered(link.service.bearer)) return;
    if (link.isUp) this.#attempts.fail(id, "connect-failed");
    else this.#bringUp(link);
    // Not within this call, whose caller is handling an event.
    setImmediate(() => this.#publish());
  }

  /** Switches the interface of a service off if `connect` has switched it on. */
  disconnect(id: string): void {
    this.#attempts.end(id);
    this.#takeDown(id);
  }

  /** Switches all radios off, or those on that this method has switched off. */
  async setOffline(offline: boolean): Promise<void> {
    if (offline === this.#settings.isOffline) return;
    const radios = this.technologies.filter(({ bearer, isPowered }) => isPowered && isRadio(bearer));
    const bearers = offline ? radios.map(({ bearer }) => bearer) : this.#settings.offlineBearers;
    this.#changeSettings({ isOffline: offline, offlineBearers: offline ? bearers : [] });
    const results = await Promise.allSettled(bearers.map((bearer) => this.#setPowered(bearer, !offline)));
    this.#publish();
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** Switches the radios and interfaces of a technology off, or those on that this method has switched off. */
  async setPowered(bearer: Bearer, isPowered: boolean): Promise<void> {
    if (!this.technologies.some((technology) => technology.bearer === bearer)) {
      throw new NetworkError(`there is no technology ${bearer}`);
    }
    const offlineBearers = this.#settings.offlineBearers.filter((offlineBearer) => offlineBearer !== bearer);
    this.#changeSettings({ offlineBearers });
    if (this.#isPowered(bearer) !== isPowered) await this.#setPowered(bearer, isPowered);
  }

  /** Sets whether Connect of a session brings a service up. */
  async setAutoConnect(id: string, autoConnect: boolean): Promise<void> {
    if (this.#link(id) === undefined) throw new NetworkError(`there is no service ${id}`);
    const withoutAutoConnect = new Set(this.#settings.withoutAutoConnect);
    if (autoConnect) withoutAutoConnect.delete(id);
    else withoutAutoConnect.add(id);
    this.#changeSettings({ withoutAutoConnect });
    this.#publish();
  }

  packetCount(): Promise<number> {
    return packetsOf(this.services.map((service) => service.interface));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#state.close();
    this.#onlineWatch?.close();
    await Promise.all([this.#monitor?.close(), this.#reading.close()]);
    clearTimeout(this.#retryTimer);
    // A reading that was in progress may have started new checks and attempts.
    this.#onlineWatch?.close();
    this.#attempts.close();
    await Promise.all(this.#checks);
    // Interfaces that were not taken down stay on, and belong to the administrator from now on.
    const remaining = this.#links.filter(
      ({ service, isBroughtUp }) => isBroughtUp && this.#broughtUp.has(service.interface),
    );
    for (const { service } of remaining) this.#change(() => setLink(service.interface, "group", "default"));
    await this.#lastChange;
    // Changes may have led to settings that must be written.
    await this.#lastChange;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #watch(): void {
    this.#monitor = new IpMonitor({
      onChange: () => this.#reading.request(),
      onError: (error) => this.#report(error),
    });
  }

  async #loadSettings(): Promise<void> {
    const { settingsFile } = this.#options;
    if (settingsFile === undefined) return;
    try {
      this.#settings = await readSettingsFile(settingsFile);
    } catch (error) {
      this.#report(error);
    }
  }

  #changeSettings(change: Partial<NetworkSettings>): void {
    this.#settings = { ...this.#settings, ...change };
    const { settingsFile } = this.#options;
    if (settingsFile !== undefined) this.#change(() => writeSettingsFile(settingsFile, this.#settings));
  }

  /** Removes what a process that crashed has left behind, and switches off what was off. */
  async #restore(): Promise<void> {
    const left = this.#links.filter(({ isUp, isBroughtUp }) => isUp && isBroughtUp);
    for (const { service } of left) this.#change(() => setLink(service.interface, "down", "group", "default"));
    this.#change(removeCheckRoutes);
    const { switchedOff } = this.#settings;
    for (const [bearer, names] of switchedOff) this.#change(this.#switchOff(bearer, names));
    await this.#lastChange;
    if (left.length > 0 || switchedOff.size > 0) await this.#read();
  }

  async #readOrRetry(): Promise<void> {
    clearTimeout(this.#retryTimer);
    try {
      await this.#read();
    } catch (error) {
      if (this.#isClosed) return;
      this.#report(error);
      this.#retryTimer = setTimeout(() => this.#reading.request(), RETRY_DELAY_MS).unref();
    }
  }

  async #read(): Promise<void> {
    const { bearers, radioSwitches = RADIO_SWITCHES_FOLDER } = this.#options;
    const [reading, switches] = await Promise.all([readNetwork(bearers), readRadioSwitches(radioSwitches)]);
    const links = servicesOfLinks(reading, bearers);
    this.#radioSwitches = switches;
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
    const powered = this.#links.filter(({ service }) => this.#isPowered(service.bearer));
    const bearers = [...this.#links.map(({ service }) => service), ...this.#radioSwitches].map(({ bearer }) => bearer);
    const technologies = [...new Set(bearers)].sort().map((bearer) => {
      return { bearer, name: technologyName(bearer), isPowered: this.#isPowered(bearer) };
    });
    const services = powered.map((link) => this.#stateOf(link));
    this.#state.publish({ services, technologies, isOffline: this.#settings.isOffline });
  }

  #stateOf(link: LinkService): NetworkService {
    const service = this.#attempts.stateOf(link.service);
    const autoConnect = service.autoConnect && !this.#settings.withoutAutoConnect.has(service.id);
    return { ...service, autoConnect, ...(this.#isOnline(link) && { state: "online" }) };
  }

  #isOnline({ service: { id, state }, defaultRoutes }: LinkService): boolean {
    if (state !== "ready") return false;
    if (this.#options.online === "assume") return defaultRoutes.length > 0;
    return this.#onlineWatch?.isOnline(id) === true;
  }

  #isPowered(bearer: Bearer): boolean {
    const switches = this.#radioSwitches.filter((radioSwitch) => radioSwitch.bearer === bearer);
    return !this.#settings.switchedOff.has(bearer) && (switches.length === 0 || switches.some(({ isOff }) => !isOff));
  }

  #link(id: string): LinkService | undefined {
    return this.#links.find(({ service }) => service.id === id);
  }

  #bringUp({ service: { id, interface: name }, hasDefaultGroup }: LinkService): void {
    this.#attempts.begin(id);
    this.#broughtUp.add(name);
    const group = hasDefaultGroup ? ["group", BROUGHT_UP_GROUP] : [];
    this.#change(
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
    this.#change(() => setLink(link.service.interface, "down", ...group));
  }

  async #setPowered(bearer: Bearer, isPowered: boolean): Promise<void> {
    const change = isPowered ? this.#switchOn(bearer) : this.#switchOff(bearer);
    await this.#enqueue(change).catch((cause: unknown) => {
      throw cause instanceof CommandError ? new NetworkError(cause.message, { cause }) : cause;
    });
    await this.#readOrRetry();
  }

  /** @param before - Names of interfaces that were switched off before. */
  #switchOff(bearer: Bearer, before: readonly string[] = []): () => Promise<void> {
    return async () => {
      const up = this.#links.filter(({ service, isUp }) => isUp && service.bearer === bearer);
      const names = up.map(({ service }) => service.interface);
      for (const name of names) await setLink(name, "down");
      for (const radioSwitch of this.#switchesOf(bearer)) await setRadioSwitch(radioSwitch, false);
      const toSwitchOn = new Set([...before, ...names.filter((name) => !this.#broughtUp.has(name))]);
      this.#changeSettings({ switchedOff: new Map([...this.#settings.switchedOff, [bearer, [...toSwitchOn]]]) });
    };
  }

  #switchOn(bearer: Bearer): () => Promise<void> {
    return async () => {
      for (const radioSwitch of this.#switchesOf(bearer)) await setRadioSwitch(radioSwitch, true);
      const present = new Set(this.#links.map(({ service }) => service.interface));
      const names = this.#settings.switchedOff.get(bearer) ?? [];
      for (const name of names) if (present.has(name)) await setLink(name, "up");
      const switchedOff = new Map(this.#settings.switchedOff);
      switchedOff.delete(bearer);
      this.#changeSettings({ switchedOff });
    };
  }

  #switchesOf(bearer: Bearer): readonly RadioSwitch[] {
    return this.#radioSwitches.filter((radioSwitch) => radioSwitch.bearer === bearer);
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

  /** Reports the first of consecutive failures. */
  #reportCheckFailure(failure: PromiseSettledResult<boolean> | undefined): void {
    if (failure?.status === "rejected" && !this.#hasCheckFailed && !this.#isClosed) this.#report(failure.reason);
    this.#hasCheckFailed = failure !== undefined;
  }

  /** Makes a change after the previous ones. Errors are reported. */
  #change(work: () => Promise<void>, onFailed?: () => void): void {
    this.#enqueue(work).catch((error: unknown) => {
      this.#report(error);
      onFailed?.();
    });
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const change = this.#lastChange.then(work);
    this.#lastChange = change.catch(() => undefined);
    return change;
  }

  #report(error: unknown): void {
    this.#onError(error);
  }
}

function checkPathOf({ interface: name, ipv4, ipv6 }: NetworkService, family: 4 | 6): CheckPath | undefined {
  const { address, gateway } = family === 4 ? ipv4 : ipv6;
  return address === undefined ? undefined : { family, interface: name, address, gateway };
}

async function setLink(name: string, ...change: readonly string[]): Promise<void> {
  await runCommand("ip", ["link", "set", "dev", name, ...change]);
}

async function readNetwork(bearers: InterfaceBearers = {}): Promise<NetworkReading> {
  const [links, ipv4, ipv6] = await Promise.all([
    runCommand("ip", ["-json", "-details", "address", "show"]).then(parseLinks),
    runCommand("ip", ["-json", "-4", "route", "show", "table", "main"]).then((output) => parseRoutes(output, 4)),
    runCommand("ip", ["-json", "-6", "route", "show", "table", "main"]).then((output) => parseRoutes(output, 6)),
  ]);
  const types = await Promise.all(links.map(async ({ name }) => [name, await deviceType(name)] as const));
  const deviceTypes = new Map(types.flatMap(([name, type]) => (type === undefined ? [] : [[name, type]])));
  const hasWireless = [...deviceTypes.values()].includes("wlan") || Object.values(bearers).includes("wifi");
  const names = hasWireless ? await wirelessNames() : new Map<string, string>();
  return { links, routes: [...ipv4, ...ipv6], deviceTypes, wirelessNames: names };
}
