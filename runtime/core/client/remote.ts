import type { BusPort } from "../bus/port.ts";
import type { InterfaceContract } from "../contract.ts";
import { PropertyCache } from "./property-cache.ts";
import type { RemoteInterface } from "./remote-interface.ts";

/** One interface of one remote object, with the cache of its properties. */
export class Remote implements RemoteInterface {
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

  /** The known values of its properties, made at first use; it asks for nothing until it is started. */
  get cache(): PropertyCache {
    this.#cache ??= new PropertyCache(this);
    return this.#cache;
  }
}
