import type { InterfaceContract } from "../contract.ts";
import { SERVED, type ServedInterface, type ServedNode } from "./served-interface.ts";
import type { AnyService } from "./service.ts";

/** An object with its place in the object tree, as the dispatch of calls needs it. */
export interface ObjectView extends ServedNode {
  /** Contracts of the standard interfaces that the object has. */
  readonly standard: readonly InterfaceContract[];
  /** Returns the names of the child nodes, sorted. */
  children(): readonly string[];
}

/**
 * Adds services to the interfaces of an object. If one of them cannot be added, none is.
 *
 * @throws Error if the object has one of the interfaces already; TypeError if an argument is not a service.
 */
export function addInterfaces(
  path: string,
  interfaces: Map<string, ServedInterface>,
  standard: readonly InterfaceContract[],
  services: readonly AnyService[],
): readonly ServedInterface[] {
  const names = new Set(standard.map(({ name }) => name));
  const added = services.map(interfaceOf);
  for (const { contract } of added) {
    const { name } = contract;
    if (names.has(name) || interfaces.has(name)) throw new Error(`${path} already has the interface ${name}`);
    names.add(name);
  }
  for (const served of added) interfaces.set(served.contract.name, served);
  return added;
}

/**
 * Returns the served interface of a service. Throws TypeError for any other value, which programs without types can
 * pass.
 */
export function interfaceOf(service: AnyService): ServedInterface {
  const served: ServedInterface | undefined = service[SERVED];
  if (served === undefined) throw new TypeError("only services of this runtime can be served");
  return served;
}
