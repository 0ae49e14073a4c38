import type { InterfaceContract } from "../contract.ts";
import { type AnyService, inside } from "./service.ts";
import type { ServiceState } from "./state.ts";

/** A service as it is found by interface name. */
export interface ServedInterface {
  readonly service: AnyService;
  readonly state: ServiceState;
  /** Whether `$authorize` is asked about every member; otherwise it is about privileged ones alone. */
  readonly guarded: boolean;
}

/** An object as calls see it. */
export interface ObjectView {
  readonly path: string;
  /** What is served, by interface name. */
  readonly interfaces: ReadonlyMap<string, ServedInterface>;
  /** The standard interfaces that it has. */
  readonly standard: readonly InterfaceContract[];
  /** The names of the nodes right below, sorted. */
  children(): readonly string[];
  /** The objects that are served anywhere below. */
  below(): Iterable<ObjectView>;
}

/**
 * Adds services to the interfaces of an object, all or none.
 *
 * @throws Error when the object has one of the interfaces already.
 */
export function addInterfaces(
  path: string,
  interfaces: Map<string, ServedInterface>,
  standard: readonly InterfaceContract[],
  services: readonly AnyService[],
): readonly ServedInterface[] {
  const names = new Set(standard.map(({ name }) => name));
  const added = services.map((service) => {
    return { service, state: inside.state(service), guarded: inside.isGuarded(service) };
  });
  for (const { state } of added) {
    const { name } = state.contract;
    if (names.has(name) || interfaces.has(name)) throw new Error(`${path} already has the interface ${name}`);
    names.add(name);
  }
  for (const one of added) interfaces.set(one.state.contract.name, one);
  return added;
}
