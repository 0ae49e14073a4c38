import type { Bus } from "@dbus-codegen-ts/runtime";
import { LinuxNetwork, type LinuxNetworkOptions } from "../linux/linux-network.ts";
import { warnOfNetworkErrors } from "../network-errors.ts";
import { ObservedNetwork } from "../observed-network.ts";
import { configuredServices } from "./configured-services.ts";
import { LinkStates } from "./link-states.ts";

export type NetworkdOptions = Pick<LinuxNetworkOptions, "bearers" | "online" | "onError">;

/**
 * The interfaces that systemd-networkd configures, with the addresses and routes of the kernel. systemd-networkd brings
 * interfaces up by itself, so `connect` and `disconnect` have no effect.
 */
export class NetworkdNetwork extends ObservedNetwork {
  readonly #linux: LinuxNetwork;
  readonly #links: LinkStates;

  /**
   * Reads the network and starts to watch it. While systemd-networkd has not started, there are no services.
   *
   * @param bus - A connection to the system bus. `close` does not close it.
   * @throws CommandError if `ip` is missing or fails. DBusError if the bus refuses.
   */
  static async open(bus: Bus, options: NetworkdOptions = {}): Promise<NetworkdNetwork> {
    const linux = await LinuxNetwork.open({ ...options, switchInterfaces: false });
    const network = new NetworkdNetwork(bus, linux, options);
    linux.subscribe(() => {
      network.#links.follow(interfacesOf(linux));
      network.#publish();
    });
    network.#links.follow(interfacesOf(linux));
    try {
      await network.#links.start();
    } catch (error) {
      await network.close();
      throw error;
    }
    network.#publish();
    return network;
  }

  private constructor(
    bus: Bus,
    linux: LinuxNetwork,
    { onError = warnOfNetworkErrors("systemd-networkd") }: NetworkdOptions,
  ) {
    super(onError);
    this.#linux = linux;
    this.#links = new LinkStates(bus, { onChange: () => this.#publish(), onError });
  }

  connect(): void {}

  disconnect(): void {}

  override packetCount(): Promise<number> {
    return this.#linux.packetCount();
  }

  async close(): Promise<void> {
    this.state.close();
    await this.#links.close();
    await this.#linux.close();
  }

  #publish(): void {
    const { services, technologies, isOffline } = this.#linux;
    this.state.publish({ services: configuredServices(services, this.#links.states), technologies, isOffline });
  }
}

function interfacesOf({ services }: LinuxNetwork): readonly string[] {
  return services.map((service) => service.interface);
}
