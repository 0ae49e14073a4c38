import type { NetworkService } from "../../policy/service.ts";

export interface NetworkSubscription {
  /** Ends the subscription. Repeated calls have no effect. */
  unsubscribe(): void;
}

/** Port: the services of the machine, and how they are brought up and down. */
export interface Network extends AsyncDisposable {
  /** Available services in order of preference. An unchanged service is the same object as before. */
  readonly services: readonly NetworkService[];
  /** Calls `listener` with the services after each change. */
  subscribe(listener: (services: readonly NetworkService[]) => void): NetworkSubscription;
  /** Requests that a service is brought up. The result is reported as a change of its state. */
  connect(id: string): void;
  /** Requests that a service is taken down. The result is reported as a change of its state. */
  disconnect(id: string): void;
  /** Returns the number of packets received and sent over all services. It does not change while the network is idle. */
  packetCount(): Promise<number>;
  /** Switches all radios off or on; absent if the network does not support it. */
  setOffline?(offline: boolean): void;
  /** Ends all subscriptions. Services keep their state. */
  close(): Promise<void>;
}
