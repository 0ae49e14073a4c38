import type { NetworkService } from "../../policy/service.ts";
import { packetsOf } from "./linux/packet-count.ts";
import type { Network, NetworkSubscription, Technology } from "./network.ts";
import { NetworkState } from "./network-state.ts";

/** Base class of networks that are read from the system or from another program. */
export abstract class ObservedNetwork implements Network {
  /** Receives errors that no method returns. */
  protected readonly onError: (error: unknown) => void;
  /** The reported services, technologies and offline mode, with their listeners. */
  protected readonly state: NetworkState;

  protected constructor(onError: (error: unknown) => void) {
    this.onError = onError;
    this.state = new NetworkState(onError);
  }

  get services(): readonly NetworkService[] {
    return this.state.services;
  }

  get technologies(): readonly Technology[] {
    return this.state.technologies;
  }

  get isOffline(): boolean {
    return this.state.isOffline;
  }

  subscribe(listener: () => void): NetworkSubscription {
    return this.state.subscribe(listener);
  }

  abstract connect(id: string): void;

  abstract disconnect(id: string): void;

  packetCount(): Promise<number> {
    return packetsOf(this.services.map((service) => service.interface));
  }

  abstract close(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
