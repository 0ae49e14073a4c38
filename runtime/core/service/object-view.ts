import type { InterfaceContract } from "../contract.ts";
import type { AnyService } from "./service.ts";
import type { ServiceState } from "./service-state.ts";

/** A service that is served at a path, with its state. */
export interface ServedInterface {
  readonly service: AnyService;
  readonly state: ServiceState;
  /** Whether `$authorize` is called for every member. Otherwise it is called for privileged members only. */
  readonly authorizesAll: boolean;
}

/** The interfaces of an object and its place in the object tree, as incoming calls need them. */
export interface ObjectView {
  readonly path: string;
  /** Served interfaces by name. */
  readonly interfaces: ReadonlyMap<string, ServedInterface>;
  /** Contracts of the standard interfaces that the object has. */
  readonly standard: readonly InterfaceContract[];
  /** Returns the names of the child nodes, sorted. */
  children(): readonly string[];
  /** Returns all served objects below this one. */
  below(): Iterable<ObjectView>;
}
