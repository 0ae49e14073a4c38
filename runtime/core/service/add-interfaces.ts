import type { InterfaceContract } from "../contract.ts";
import type { ServedInterface } from "./object-view.ts";
import type { AnyService } from "./service.ts";
import { internals } from "./service-internals.ts";

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
    return { service, state: internals().state(service), authorizesAll: internals().overridesAuthorize(service) };
  });
  for (const { state } of added) {
    const { name } = state.contract;
    if (names.has(name) || interfaces.has(name)) throw new Error(`${path} already has the interface ${name}`);
    names.add(name);
  }
  for (const served of added) interfaces.set(served.state.contract.name, served);
  return added;
}
