import type { InterfaceContract } from "../contract.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { assertSyntax } from "../wire/assert-syntax.ts";
import { isObjectPath } from "../wire/name-syntax.ts";
import { addInterfaces, type ObjectView, type ServedInterface } from "./served.ts";
import type { AnyService } from "./service.ts";
import { MANAGER_CONTRACTS, STANDARD_CONTRACTS } from "./standard-contracts.ts";
import type { Subtree } from "./subtree.ts";

/** One path at or above something that is served. */
class ObjectNode implements ObjectView {
  readonly path: string;
  readonly parent: ObjectNode | undefined;
  readonly interfaces = new Map<string, ServedInterface>();
  readonly nodes = new Map<string, ObjectNode>();
  /** Whether the object has ObjectManager. */
  manages = false;
  /** Finds the objects below that are not in the tree. */
  subtree: Subtree | undefined;

  constructor(path: string, parent?: ObjectNode) {
    this.path = path;
    this.parent = parent;
  }

  get standard(): readonly InterfaceContract[] {
    return this.manages ? MANAGER_CONTRACTS : STANDARD_CONTRACTS;
  }

  get isEmpty(): boolean {
    return this.interfaces.size === 0 && this.nodes.size === 0 && !this.manages && this.subtree === undefined;
  }

  children(): readonly string[] {
    const found = this.subtree ?? subtreeAbove(this);
    return [...new Set([...this.nodes.keys(), ...(found?.childrenOf(this.path) ?? [])])].sort();
  }

  *below(): Iterable<ObjectNode> {
    for (const node of this.nodes.values()) {
      if (node.interfaces.size > 0) yield node;
      yield* node.below();
    }
  }
}

/** The objects of a connection by path. Finding one costs the same however many there are. */
export class ObjectTree {
  readonly #root = new ObjectNode("/");
  readonly #nodes = new Map<string, ObjectNode>([["/", this.#root]]);
  #subtrees = 0;
  #managers = 0;

  /**
   * Adds interfaces to an object, all or none.
   *
   * @throws InvalidValueError when the path is not valid; Error when the object has one of the interfaces already.
   */
  add(path: string, services: readonly AnyService[]): readonly ServedInterface[] {
    const node = this.#ensure(path);
    try {
      return addInterfaces(path, node.interfaces, node.standard, services);
    } finally {
      this.#prune(node);
    }
  }

  remove(path: string, removed: readonly ServedInterface[]): void {
    const node = this.#nodes.get(path);
    if (node === undefined) return;
    for (const { state } of removed) node.interfaces.delete(state.contract.name);
    this.#prune(node);
  }

  /** Gives an object ObjectManager; throws Error when it has it already. Returns what takes it away. */
  addManager(path: string): () => void {
    const node = this.#ensure(path);
    if (node.manages || node.interfaces.has(ObjectManager.name))
      throw new Error(`${path} already has an object manager`);
    node.manages = true;
    this.#managers++;
    return () => {
      node.manages = false;
      this.#managers--;
      this.#prune(node);
    };
  }

  /** Lets a subtree find the objects below its path; throws Error when there is one already. Returns what ends it. */
  addSubtree(subtree: Subtree): () => void {
    const node = this.#ensure(subtree.path);
    if (node.subtree !== undefined) throw new Error(`${subtree.path} already has a subtree`);
    node.subtree = subtree;
    this.#subtrees++;
    return () => {
      node.subtree = undefined;
      this.#subtrees--;
      this.#prune(node);
    };
  }

  /**
   * The object at a path; without interfaces above a served object and at the root, undefined where there is nothing.
   * Throws what the application's `find` of a subtree throws.
   */
  at(path: string): ObjectView | undefined {
    const node = this.#nodes.get(path);
    if (this.#subtrees === 0 || (node !== undefined && node.interfaces.size > 0)) return node;
    const subtree = node === undefined ? this.#subtreeOf(path) : subtreeAbove(node);
    const found = subtree?.find(path);
    if (subtree === undefined || (found === undefined && node !== undefined)) return node;
    if (found === undefined && subtree.childrenOf(path).length === 0) return undefined;
    return {
      path,
      interfaces: found ?? new Map(),
      standard: node?.standard ?? STANDARD_CONTRACTS,
      children: () => node?.children() ?? subtree.childrenOf(path),
      below: () => node?.below() ?? [],
    };
  }

  /** The paths above this one whose objects have ObjectManager. */
  managersAbove(path: string): readonly string[] {
    const managers: string[] = [];
    if (this.#managers === 0) return managers;
    for (let node = this.#nodes.get(path)?.parent; node !== undefined; node = node.parent) {
      if (node.manages) managers.push(node.path);
    }
    return managers;
  }

  #subtreeOf(path: string): Subtree | undefined {
    let above = parentOf(path);
    let node = this.#nodes.get(above);
    for (; node === undefined; node = this.#nodes.get(above)) above = parentOf(above);
    return node.subtree ?? subtreeAbove(node);
  }

  #ensure(path: string): ObjectNode {
    assertSyntax(path, isObjectPath, "path", "an object path");
    const known = this.#nodes.get(path);
    if (known !== undefined) return known;
    const parent = this.#ensure(parentOf(path));
    const node = new ObjectNode(path, parent);
    parent.nodes.set(nameOf(path), node);
    this.#nodes.set(path, node);
    return node;
  }

  #prune(from: ObjectNode): void {
    let node: ObjectNode | undefined = from;
    while (node?.parent !== undefined && node.isEmpty) {
      this.#nodes.delete(node.path);
      node.parent.nodes.delete(nameOf(node.path));
      node = node.parent;
    }
  }
}

function subtreeAbove(node: ObjectNode): Subtree | undefined {
  let above = node.parent;
  while (above !== undefined && above.subtree === undefined) above = above.parent;
  return above?.subtree;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
