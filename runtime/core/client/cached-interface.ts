import type { BusPort } from "../bus/port.ts";
import type { InterfaceContract } from "../contract.ts";
import { PropertyCache } from "./property-cache.ts";
import type { RemoteInterface } from "./remote-interface.ts";

/** A remote interface with a cache of its property values. */
export class CachedInterface implements RemoteInterface {
  readonly contract: InterfaceContract;
  readonly bus: BusPort;
  readonly destination: string;
  readonly path: string;
  #cache: PropertyCache | undefined;

  constructor(contract: InterfaceContract, bus: BusPort, destination: string, path: string) {
    this.contract = contract;
    this.bus = bus;
    this.destination = destination;
    this.path = path;
  }

  /** Cache of the property values, created at first use. The cache sends nothing until it is started. */
  get cache(): PropertyCache {
    this.#cache ??= new PropertyCache(this);
    return this.#cache;
  }
}
