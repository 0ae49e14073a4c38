import type { BusPort } from "../bus/port.ts";
import type { InterfaceContract } from "../contract.ts";

/** One interface of one remote object. */
export interface RemoteInterface {
  readonly contract: InterfaceContract;
  readonly bus: BusPort;
  readonly destination: string;
  readonly path: string;
}
