import { addInterfaces, type ServedInterface } from "./served.ts";
import type { AnyService } from "./service.ts";
import { STANDARD_CONTRACTS } from "./standard-contracts.ts";
import type { Announcer, ServiceState } from "./state.ts";

/**
 * Finds the services of an object below the path of a subtree; undefined where there is no such object. It is asked for
 * each call, so it should be quick, and give the same services for the same object as long as they have something to
 * announce.
 *
 * @param relative - The path below that of the subtree, without a slash at its beginning, such as `42` or `a/b`.
 */
export type FindServices = (relative: string) => readonly AnyService[] | undefined;

/** What may be said about a subtree. */
export interface SubtreeOptions {
  /**
   * The names of the nodes right below a path of the subtree, `""` for that of the subtree itself, so that introspection
   * lists them. Without it, they answer calls and are not listed.
   */
  readonly children?: (relative: string) => readonly string[];
}

/** Makes what announces for a service at a path, as long as the subtree is open. */
export type AnnounceAt = (path: string, service: ServedInterface) => Announcer;

interface Place {
  readonly path: string;
  readonly announcer: Announcer;
}

const ELEMENT = /^[A-Za-z0-9_]+$/;

/** Objects that are found when they are called, and not kept. */
export class Subtree {
  readonly path: string;
  readonly #prefix: string;
  readonly #find: FindServices;
  readonly #children: NonNullable<SubtreeOptions["children"]>;
  readonly #announceAt: AnnounceAt;
  readonly #places = new WeakMap<ServiceState, Place>();

  constructor(path: string, find: FindServices, options: SubtreeOptions, announceAt: AnnounceAt) {
    this.path = path;
    this.#prefix = path === "/" ? "/" : `${path}/`;
    this.#find = find;
    this.#children = options.children ?? (() => []);
    this.#announceAt = announceAt;
  }

  /** The interfaces of the object at a full path. Throws what the application's function throws. */
  find(path: string): ReadonlyMap<string, ServedInterface> | undefined {
    const services = this.#find(this.#relative(path));
    return services && this.bind(path, services);
  }

  /** Makes a path the place where services announce, until they are bound to another. */
  bind(path: string, services: readonly AnyService[]): ReadonlyMap<string, ServedInterface> {
    const interfaces = new Map<string, ServedInterface>();
    for (const one of addInterfaces(path, interfaces, STANDARD_CONTRACTS, services)) {
      const before = this.#places.get(one.state);
      if (before?.path === path) continue;
      if (before !== undefined) one.state.unserveAt(before.announcer);
      const announcer = this.#announceAt(path, one);
      one.state.serveAt(announcer);
      this.#places.set(one.state, { path, announcer });
    }
    return interfaces;
  }

  /** The names of the nodes right below a full path. Throws Error when the application gives what is no name. */
  childrenOf(path: string): readonly string[] {
    const names = [...this.#children(this.#relative(path))].sort();
    const wrong = names.find((name) => !ELEMENT.test(name));
    if (wrong !== undefined) throw new Error(`a node below ${path} cannot have the name ${JSON.stringify(wrong)}`);
    return names;
  }

  /** The full path of one below. */
  pathOf(relative: string): string {
    return this.#prefix + relative;
  }

  #relative(path: string): string {
    return path.slice(this.#prefix.length);
  }
}
