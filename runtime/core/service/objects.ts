import { check } from "../wire/message.ts";
import { isObjectPath } from "../wire/names.ts";
import { type AnyService, insideOf } from "./service.ts";
import { STANDARD_CONTRACTS } from "./standard.ts";
import type { ServiceState } from "./state.ts";

/** A service as it is found by interface name. */
export interface ServedInterface {
  readonly service: AnyService;
  readonly state: ServiceState;
}

/** The objects of a connection by path, each with its interfaces. */
export class ObjectTree {
  readonly #objects = new Map<string, Map<string, ServedInterface>>();

  /**
   * Adds interfaces to an object, all or none.
   *
   * @throws Error when the object has one of them already.
   */
  add(path: string, services: readonly AnyService[]): readonly ServedInterface[] {
    check(path, isObjectPath, "path", "an object path");
    const interfaces = new Map(this.#objects.get(path));
    const taken = (name: string): boolean =>
      interfaces.has(name) || STANDARD_CONTRACTS.some((one) => one.name === name);
    const added = services.map((service) => ({ service, state: insideOf(service).state }));
    for (const one of added) {
      const { name } = one.state.contract;
      if (taken(name)) throw new Error(`${path} already has the interface ${name}`);
      interfaces.set(name, one);
    }
    if (added.length > 0) this.#objects.set(path, interfaces);
    return added;
  }

  remove(path: string, removed: readonly ServedInterface[]): void {
    const interfaces = this.#objects.get(path);
    for (const { state } of removed) interfaces?.delete(state.contract.name);
    if (interfaces?.size === 0) this.#objects.delete(path);
  }

  /** The interfaces at a path; empty above a served object and at the root, undefined where there is nothing. */
  at(path: string): ReadonlyMap<string, ServedInterface> | undefined {
    return this.#objects.get(path) ?? (path === "/" || this.#hasBelow(path) ? new Map() : undefined);
  }

  /** The names of the nodes right below a path, sorted. */
  childrenOf(path: string): readonly string[] {
    const prefix = path === "/" ? "/" : `${path}/`;
    const names = new Set<string>();
    for (const other of this.#objects.keys()) {
      const [name = ""] = other.startsWith(prefix) ? other.slice(prefix.length).split("/", 1) : [];
      if (name !== "") names.add(name);
    }
    return [...names].sort();
  }

  #hasBelow(path: string): boolean {
    for (const other of this.#objects.keys()) if (other.startsWith(`${path}/`)) return true;
    return false;
  }
}
