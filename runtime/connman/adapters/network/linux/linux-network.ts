import { isDeepStrictEqual } from "node:util";
import type { NetworkService } from "../../../policy/service.ts";
import { runCommand } from "../../linux/command.ts";
import { IpMonitor } from "../../linux/ip-monitor.ts";
import type { Network, NetworkSubscription } from "../network.ts";
import { deviceType } from "./device-type.ts";
import { parseLinks, parsePackets, parseRoutes } from "./ip-json.ts";
import { type InterfaceBearers, type NetworkReading, servicesOfLinks } from "./link-services.ts";
import { isOnline, type OnlineCheck } from "./online-check.ts";
import { OnlineWatch } from "./online-watch.ts";
import { Refresh } from "./refresh.ts";

/** How the network of this machine is seen. */
export interface LinuxNetworkOptions {
  /** Says of interfaces what they are, where the system does not know or should not be believed. */
  readonly bearers?: InterfaceBearers;
  /**
   * How a service that is ready becomes online: by asking, or by having a gateway. By default none does.
   *
   * The question leaves the machine as all traffic from the address of the service does. Where that is over another
   * service, only the first one can be seen to be online: as it is with ConnMan.
   */
  readonly online?: OnlineCheck | "assume";
  /** Whether interfaces are switched on and off as sessions ask: false by default, because something else does. */
  readonly switchInterfaces?: boolean;
  /** Is told what goes wrong behind; it is tried again by itself. */
  readonly onError?: (error: unknown) => void;
}

type Listener = (services: readonly NetworkService[]) => void;

/**
 * The network of this machine, as `ip` of iproute2 shows it: each interface that leads to a network is a service.
 * Addresses and default routes are the business of the system; this only watches, unless it may `manage`.
 */
export class LinuxNetwork implements Network {
  readonly #options: LinuxNetworkOptions;
  readonly #listeners = new Set<Listener>();
  readonly #refresh: Refresh;
  #monitor: IpMonitor | undefined;
  readonly #online: OnlineWatch | undefined;
  /** As the kernel shows them: ready at most. */
  #seen: readonly NetworkService[] = [];
  #services: readonly NetworkService[] = [];

  /**
   * Reads the network and begins to watch it.
   *
   * @throws CommandError when there is no `ip` or it fails; IpOutputError when what it prints cannot be understood.
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
    this.#refresh = new Refresh(
      () => this.#read(),
      (error) => this.#report(error),
    );
    if (online !== undefined && online !== "assume") {
      this.#online = new OnlineWatch(
        (service, signal) => isOnline(online, service, signal),
        () => this.#publish(),
      );
    }
  }

  get services(): readonly NetworkService[] {
    return this.#services;
  }

  subscribe(listener: Listener): NetworkSubscription {
    this.#listeners.add(listener);
    return { unsubscribe: () => void this.#listeners.delete(listener) };
  }

  /** Switches the interface on, where it may `manage`; otherwise this does nothing. */
  connect(id: string): void {
    this.#switch(id, "up");
  }

  /** Switches the interface off, where it may `manage`; otherwise this does nothing. */
  disconnect(id: string): void {
    this.#switch(id, "down");
  }

  async packetCount(): Promise<number> {
    const packets = parsePackets(await runCommand("ip", ["-json", "-stats", "link", "show"]));
    return this.#services.reduce((sum, service) => sum + (packets.get(service.interface) ?? 0), 0);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    this.#online?.close();
    await Promise.all([this.#monitor?.close(), this.#refresh.close()]);
    // A read that was under way may have found more to ask.
    this.#online?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #watch(): void {
    this.#monitor = new IpMonitor({
      onChange: () => this.#refresh.request(),
      onError: (error) => this.#report(error),
    });
  }

  async #read(): Promise<void> {
    const seen = kept(servicesOfLinks(await readNetwork(), this.#options.bearers), this.#seen);
    if (isSame(seen, this.#seen)) return;
    this.#seen = seen;
    this.#online?.update(seen);
    this.#publish();
  }

  #publish(): void {
    const services = this.#seen.map((service) => (this.#isOnline(service) ? online(service) : service));
    const next = kept(services, this.#services);
    if (isSame(next, this.#services)) return;
    this.#services = next;
    for (const listener of [...this.#listeners]) {
      try {
        listener(next);
      } catch (error) {
        this.#report(error);
      }
    }
  }

  #isOnline({ id, state, ipv4, ipv6 }: NetworkService): boolean {
    if (state !== "ready") return false;
    if (this.#options.online === "assume") return (ipv4.gateway ?? ipv6.gateway) !== undefined;
    return this.#online?.isOnline(id) === true;
  }

  #switch(id: string, to: "up" | "down"): void {
    const service = this.#services.find((candidate) => candidate.id === id);
    if (this.#options.switchInterfaces !== true || service === undefined) return;
    runCommand("ip", ["link", "set", "dev", service.interface, to]).catch((error) => this.#report(error));
  }

  #report(error: unknown): void {
    this.#options.onError?.(error);
  }
}

function online(service: NetworkService): NetworkService {
  return { ...service, state: "online" };
}

/** The same services, but those that did not change are the objects they were before. */
function kept(services: readonly NetworkService[], before: readonly NetworkService[]): readonly NetworkService[] {
  const known = new Map(before.map((service) => [service.id, service]));
  return services.map((service) => {
    const old = known.get(service.id);
    return old !== undefined && isDeepStrictEqual(old, service) ? old : service;
  });
}

function isSame(one: readonly NetworkService[], other: readonly NetworkService[]): boolean {
  return one.length === other.length && one.every((service, index) => service === other[index]);
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
