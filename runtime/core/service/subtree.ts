import { onRejection } from "../hooks.ts";
import { describeValue } from "../wire/errors.ts";
import { addInterfaces } from "./object-view.ts";
import type { ServedInterface } from "./served-interface.ts";
import type { AnyService } from "./service.ts";
import { STANDARD_CONTRACTS } from "./standard-contracts.ts";

/**
 * Returns the services of an object below the path of a subtree; undefined if the object does not exist. The function
 * is called for each method call, so it should be fast. For one object, it should return the same services while they
 * have signals to send.
 *
 * @param relative - Path relative to that of the subtree, without a leading slash, such as `42` or `a/b`.
 */
export type FindServices = (relative: string) => readonly AnyService[] | undefined;

/** Options of a subtree. */
export interface SubtreeOptions {
  /**
   * Returns the names of the child nodes of a path, for introspection. Without this function the objects can be called
   * but are not listed.
   *
   * @param relative - Path relative to that of the subtree; `""` for the subtree itself.
   */
  readonly children?: (relative: string) => readonly string[];
}

/** Begins to send the signals of a service from a path. Returns a function that ends sending from the path. */
export type SendFrom = (path: string, service: ServedInterface) => () => void;

/** The path from which a service sends its signals. */
interface Binding {
  readonly path: string;
  readonly end: () => void;
}

const PATH_ELEMENT = /^[A-Za-z0-9_]+$/;

/** The objects below a path, which a function finds for each call and which are not stored. */
export class Subtree {
  readonly path: string;
  readonly #prefix: string;
  readonly #find: FindServices;
  readonly #children: NonNullable<SubtreeOptions["children"]>;
  readonly #sendFrom: SendFrom;
  readonly #bindings = new WeakMap<ServedInterface, Binding>();

  constructor(path: string, find: FindServices, options: SubtreeOptions, sendFrom: SendFrom) {
    this.path = path;
    this.#prefix = path === "/" ? "/" : `${path}/`;
    this.#find = find;
    this.#children = options.children ?? (() => []);
    this.#sendFrom = sendFrom;
  }

  /**
   * Returns the interfaces of the object at a full path. Throws the errors of the application's function, and TypeError
   * if its result is neither an array nor undefined.
   */
  find(path: string): ReadonlyMap<string, ServedInterface> | undefined {
    const services = this.#find(this.#relative(path));
    return services === undefined ? undefined : this.bind(path, arrayOf(services, "services"));
  }

  /**
   * Makes services send their signals from a path, until they are bound to another path. Returns their interfaces by
   * name.
   */
  bind(path: string, services: readonly AnyService[]): ReadonlyMap<string, ServedInterface> {
    const interfaces = new Map<string, ServedInterface>();
    for (const served of addInterfaces(path, interfaces, STANDARD_CONTRACTS, services)) {
      const previous = this.#bindings.get(served);
      if (previous?.path === path) continue;
      previous?.end();
      this.#bindings.set(served, { path, end: this.#sendFrom(path, served) });
    }
    return interfaces;
  }

  /** Returns the names of the child nodes of a full path. Throws Error if the application returns an invalid name. */
  childrenOf(path: string): readonly string[] {
    const names = [...arrayOf(this.#children(this.#relative(path)), "names")].sort();
    const invalid = names.find((name) => typeof name !== "string" || !PATH_ELEMENT.test(name));
    if (invalid !== undefined) throw new Error(`a node of a subtree cannot have the name ${describeValue(invalid)}`);
    return names;
  }

  /** Returns the full path of a path relative to that of the subtree. */
  pathOf(relative: string): string {
    return this.#prefix + relative;
  }

  #relative(path: string): string {
    return path.slice(this.#prefix.length);
  }
}

/**
 * Returns the result of a function of the application unchanged. Throws TypeError if the result is not an array.
 *
 * @param what - Expected elements, for the error message.
 */
function arrayOf<T>(result: readonly T[], what: string): readonly T[] {
  if (Array.isArray(result)) return result;
  if (result instanceof Promise) onRejection(result, () => undefined);
  throw new TypeError(`a subtree must return an array of ${what}, got ${describeValue(result)}`);
}
