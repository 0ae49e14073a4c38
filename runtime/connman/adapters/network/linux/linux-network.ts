import { isDeepStrictEqual } from "node:util";
import type { NetworkService } from "../../../policy/service.ts";
import { runCommand } from "../../linux/command.ts";
import { IpMonitor } from "../../linux/ip-monitor.ts";
import { SerialTask } from "../../serial-task.ts";
import type { Network, NetworkSubscription, Technology } from "../network.ts";
import { deviceType } from "./device-type.ts";
import { parseLinks, parsePackets, parseRoutes } from "./ip-json.ts";
import { type InterfaceBearers, type NetworkReading, servicesOfLinks, technologiesOfLinks } from "./link-services.ts";
import { isOnline, type OnlineCheck } from "./online-check.ts";
import { OnlineWatch } from "./online-watch.ts";

/** Delay between an event and the reading of the network. Plugging in a cable causes about a dozen events. */
const READ_DELAY_MS = 30;
/** Time after which a failed reading is repeated. */
const RETRY_DELAY_MS = 1_000;

/** How the network of this machine is interpreted. */
export interface LinuxNetworkOptions {
  /** Bearers of interfaces, if the system does not know them or they must be overridden. */
  readonly bearers?: InterfaceBearers;
  /**
   * How a ready service becomes online: by an HTTP request, or (`assume`) by having a gateway. Default: no service is
   * online.
   *
   * The request is routed like all traffic from the address of the service. If that is over another service, only the
   * first service can be found to be online, as in ConnMan.
   */
  readonly online?: OnlineCheck | "assume";
  /** Whether `connect` and `disconnect` switch interfaces on and off. Default: false, they have no effect. */
  readonly switchInterfaces?: boolean;
  /** Called with errors that no method returns. The work is repeated. Default: errors are discarded. */
  readonly onError?: (error: unknown) => void;
}

/**
 * The network of this machine, read with `ip` of iproute2: each interface to a network is a service. Addresses and
 * default routes are configured by other programs.
 */
export class LinuxNetwork implements Network {
  readonly #options: LinuxNetworkOptions;
  readonly #listeners = new Set<() => void>();
  readonly #reading = new SerialTask(() => this.#readOrRetry(), { quietMs: READ_DELAY_MS, maxWaitMs: READ_DELAY_MS });
  #retryTimer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #monitor: IpMonitor | undefined;
  readonly #onlineWatch: OnlineWatch | undefined;
  /** Services as read from the kernel, which does not know the state `online`. */
  #readServices: readonly NetworkService[] = [];
  #services: readonly NetworkService[] = [];
  #technologies: readonly Technology[] = [];
  readonly isOffline = false;

  /**
   * Reads the network and starts to watch it.
   *
   * @throws CommandError if `ip` is missing or fails. IpOutputError if its output cannot be parsed.
   */
  static async open(options: LinuxNetworkOptions = {}): Promise<LinuxNetwork> {
    const network = new LinuxNetwork(options);
    await network.#read();
    network.#watch();
    return network;
  }

  private constructor(options: LinuxNetworkOptions) {
    this.#options = options;
    const { online } = options;
    if (online !== undefined && online !== "assume") {
      this.#onlineWatch = new OnlineWatch(
        (service, signal) => isOnline(online, service, signal),
        () => this.#publish(),
      );
    }
  }

  get services(): readonly NetworkService[] {
    return this.#services;
  }

  get technologies(): readonly Technology[] {
    return this.#technologies;
  }

  subscribe(listener: () => void): NetworkSubscription {
    this.#listeners.add(listener);
    return { unsubscribe: () => void this.#listeners.delete(listener) };
  }

  /** Switches the interface of a service on, if the option `switchInterfaces` is set. */
  connect(id: string): void {
    this.#switchInterface(id, "up");
  }

  /** Switches the interface of a service off, if the option `switchInterfaces` is set. */
  disconnect(id: string): void {
    this.#switchInterface(id, "down");
  }

  async packetCount(): Promise<number> {
    const packets = parsePackets(await runCommand("ip", ["-json", "-stats", "link", "show"]));
    return this.#services.reduce((sum, service) => sum + (packets.get(service.interface) ?? 0), 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#onlineWatch?.close();
    await Promise.all([this.#monitor?.close(), this.#reading.close()]);
    clearTimeout(this.#retryTimer);
    // A reading that was in progress may have started new checks.
    this.#onlineWatch?.close();
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
    const { bearers } = this.#options;
    const reading = await readNetwork();
    const services = withUnchanged(servicesOfLinks(reading, bearers), this.#readServices);
    const technologies = technologiesOfLinks(reading, bearers);
    const haveTechnologiesChanged = !isDeepStrictEqual(technologies, this.#technologies);
    if (haveTechnologiesChanged) this.#technologies = technologies;
    if (!areSame(services, this.#readServices)) {
      this.#readServices = services;
      this.#onlineWatch?.update(services);
    } else if (!haveTechnologiesChanged) return;
    this.#publish(haveTechnologiesChanged);
  }

  #publish(haveTechnologiesChanged = false): void {
    const current = this.#readServices.map((service) => (this.#isOnline(service) ? asOnline(service) : service));
    const services = withUnchanged(current, this.#services);
    if (areSame(services, this.#services) && !haveTechnologiesChanged) return;
    this.#services = services;
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #isOnline({ id, state, ipv4, ipv6 }: NetworkService): boolean {
    if (state !== "ready") return false;
    if (this.#options.online === "assume") return (ipv4.gateway ?? ipv6.gateway) !== undefined;
    return this.#onlineWatch?.isOnline(id) === true;
  }

  #switchInterface(id: string, state: "up" | "down"): void {
    const service = this.#services.find((candidate) => candidate.id === id);
    if (this.#options.switchInterfaces !== true || service === undefined) return;
    runCommand("ip", ["link", "set", "dev", service.interface, state]).catch((error) => this.#report(error));
  }

  #report(error: unknown): void {
    this.#options.onError?.(error);
  }
}

function asOnline(service: NetworkService): NetworkService {
  return { ...service, state: "online" };
}

/** Replaces services that are equal to previous ones by the previous objects. */
function withUnchanged(
  services: readonly NetworkService[],
  previous: readonly NetworkService[],
): readonly NetworkService[] {
  const previousById = new Map(previous.map((service) => [service.id, service]));
  return services.map((service) => {
    const before = previousById.get(service.id);
    return before !== undefined && isDeepStrictEqual(before, service) ? before : service;
  });
}

function areSame(left: readonly NetworkService[], right: readonly NetworkService[]): boolean {
  return left.length === right.length && left.every((service, index) => service === right[index]);
}

async function readNetwork(): Promise<NetworkReading> {
  const [links, ipv4, ipv6] = await Promise.all([
    runCommand("ip", ["-json", "-details", "address", "show"]).then(parseLinks),
    runCommand("ip", ["-json", "-4", "route", "show", "table", "main"]).then((output) => parseRoutes(output, 4)),
    runCommand("ip", ["-json", "-6", "route", "show", "table", "main"]).then((output) => parseRoutes(output, 6)),
  ]);
  const types = await Promise.all(links.map(async ({ name }) => [name, await deviceType(name)] as const));
  const deviceTypes = new Map(types.flatMap(([name, type]) => (type === undefined ? [] : [[name, type]])));
  return { links, routes: [...ipv4, ...ipv6], deviceTypes };
}
