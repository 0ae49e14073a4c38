import type { Bearer, IPv4, NetworkService } from "../../policy/service.ts";

/** All devices of one kind, such as the Wi-Fi devices (ConnMan technology API). Immutable: a changed technology is a new object. */
export interface Technology {
  readonly bearer: Bearer;
  /** Display name, such as `WiFi`. */
  readonly name: string;
  /** Whether the devices are switched on. Services of devices that are switched off are not available. */
  readonly isPowered: boolean;
}

export interface NetworkSubscription {
  /** Ends the subscription. Repeated calls have no effect. */
  unsubscribe(): void;
}

/** A request to the network that failed: the service does not exist, or the network refuses the change. */
export class NetworkError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "NetworkError";
  }
}

/**
 * Port: the services of the machine, and how they are brought up and down.
 *
 * A network that does not support an optional method does not have it. An optional method rejects with NetworkError if
 * the change is refused. The new values of services, technologies and `isOffline` may appear after the method has
 * resolved.
 */
export interface Network extends AsyncDisposable {
  /** Available services in order of preference. An unchanged service is the same object as before. */
  readonly services: readonly NetworkService[];
  /** The kinds of devices that the machine has, at most one of each bearer. */
  readonly technologies: readonly Technology[];
  /** Whether all technologies have been switched off together. Single technologies can be switched on nevertheless. */
  readonly isOffline: boolean;
  /** Calls `listener` after each change of services, technologies or `isOffline`. */
  subscribe(listener: () => void): NetworkSubscription;
  /**
   * Requests that a service is brought up. Success and failure are reported as a change of the state of the service.
   */
  connect(id: string): void;
  /** Requests that a service is taken down. The result is reported as a change of the state of the service. */
  disconnect(id: string): void;
  /**
   * Returns the number of packets received and sent over all services. The number does not change while the network is
   * idle.
   */
  packetCount(): Promise<number>;
  /**
   * Switches all technologies off if `offline` is true; otherwise switches on the technologies that were on before
   * offline mode.
   */
  setOffline?(offline: boolean): Promise<void>;
  /** Switches the devices of a technology on or off. */
  setPowered?(bearer: Bearer, isPowered: boolean): Promise<void>;
  /** Sets whether a service is brought up without a request by a user. */
  setAutoConnect?(id: string, autoConnect: boolean): Promise<void>;
  /** Sets how a service gets its IPv4 address: `dhcp` and `off` need no other members, `manual` needs `address`. */
  setIPv4?(id: string, configuration: IPv4): Promise<void>;
  /** Deletes the stored settings of a service, and takes it down. */
  forget?(id: string): Promise<void>;
  /** Moves a service directly before or after another in the order of preference. */
  move?(id: string, place: "before" | "after", otherId: string): Promise<void>;
  /** Searches for networks of a technology. Resolves at the end of the search. */
  scan?(bearer: Bearer): Promise<void>;
  /** Ends all subscriptions. Services keep their state. */
  close(): Promise<void>;
}
