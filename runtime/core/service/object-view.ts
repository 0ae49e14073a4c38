import type { InterfaceContract } from "../contract.ts";
import { type AnyService, internals } from "./service.ts";
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

/**
 * Adds services to the interfaces of an object, all or none.
 *
 * @throws Error if the object has one of the interfaces already.
 */
export function addInterfaces(
  path: string,
  interfaces: Map<string, ServedInterface>,
  standard: readonly InterfaceContract[],
  services: readonly AnyService[],
): readonly ServedInterface[] {
  const names = new Set(standard.map(({ name }) => name));
  const added = services.map((service) => {
    return { service, state: internals.state(service), authorizesAll: internals.overridesAuthorize(service) };
  });
  for (const { state } of added) {
    const { name } = state.contract;
    if (names.has(name) || interfaces.has(name)) throw new Error(`${path} already has the interface ${name}`);
    names.add(name);
  }
  for (const served of added) interfaces.set(served.state.contract.name, served);
  return added;
}
