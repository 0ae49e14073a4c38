import type { MessageBus } from "../bus/message-bus.ts";
import type { InterfaceContract } from "../contract.ts";

/** One interface of one remote object. */
export interface Remote {
  readonly contract: InterfaceContract;
  readonly bus: MessageBus;
  readonly destination: string;
  readonly path: string;
}
