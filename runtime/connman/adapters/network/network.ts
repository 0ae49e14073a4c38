import type { NetworkService } from "../../policy/service.ts";

/** What ends a subscription. Ending it again does nothing. */
export interface NetworkSubscription {
  unsubscribe(): void;
}

/** The network underneath the sessions: which services there are, and bringing them up and down. */
export interface Network extends AsyncDisposable {
  /** The services there are now, the one to prefer first. A service that did not change is the same object as before. */
  readonly services: readonly NetworkService[];
  /** Tells the services after each change, before anything else sees it. */
  subscribe(listener: (services: readonly NetworkService[]) => void): NetworkSubscription;
  /** Asks for a service to be brought up. What comes of it is a change of its state. */
  connect(id: string): void;
  /** Asks for a service to be taken down. */
  disconnect(id: string): void;
  /** Packets that have gone over all services so far: as long as the number stays, the network is idle. */
  packetCount(): Promise<number>;
  /** Switches all radios off or on again, where the network can. */
  setOffline?(offline: boolean): void;
  /** Ends watching the network. Services stay as they are. */
  close(): Promise<void>;
}
