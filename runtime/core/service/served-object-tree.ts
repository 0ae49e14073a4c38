import type { InterfaceContract } from "../contract.ts";
import { ObjectManager } from "../standard/org.freedesktop.DBus.ObjectManager.ts";
import { assertSyntax } from "../wire/assert-syntax.ts";
import { isObjectPath } from "../wire/name-syntax.ts";
import { addInterfaces, type ObjectView } from "./object-view.ts";
import type { ServedInterface } from "./served-interface.ts";
import type { AnyService } from "./service.ts";
import { MANAGER_CONTRACTS, STANDARD_CONTRACTS } from "./standard-contracts.ts";
import type { Subtree } from "./subtree.ts";

/** The node of a path. A node exists if an object is served at the path or below the path. */
class ObjectNode implements ObjectView {
  readonly path: string;
  readonly parent: ObjectNode | undefined;
  readonly interfaces = new Map<string, ServedInterface>();
  readonly nodes = new Map<string, ObjectNode>();
  /** Whether the object has the ObjectManager interface. */
  isManager = false;
  /** Subtree that finds the objects below this path, if the path has a subtree. */
  subtree: Subtree | undefined;

  constructor(path: string, parent?: ObjectNode) {
    this.path = path;
    this.parent = parent;
  }

  get standard(): readonly InterfaceContract[] {
    return this.isManager ? MANAGER_CONTRACTS : STANDARD_CONTRACTS;
  }

  get isEmpty(): boolean {
    return this.interfaces.size === 0 && this.nodes.size === 0 && !this.isManager && this.subtree === undefined;
  }

  children(): readonly string[] {
    const subtree = this.subtree ?? subtreeAbove(this);
    return [...new Set([...this.nodes.keys(), ...(subtree?.childrenOf(this.path) ?? [])])].sort();
  }

  *below(): Iterable<ObjectNode> {
    for (const node of this.nodes.values()) {
      if (node.interfaces.size > 0) yield node;
      yield* node.below();
    }
  }
}

/** The served objects by path. A lookup takes the same time for any number of objects. */
export class ServedObjectTree {
  readonly #root = new ObjectNode("/");
  readonly #nodes = new Map<string, ObjectNode>([["/", this.#root]]);
  #subtrees = 0;
  #managers = 0;

  /**
   * Adds services to an object. If one of them cannot be added, none is.
   *
   * @throws InvalidValueError if the path is not valid; Error if the object has one of the interfaces already.
   */
  add(path: string, services: readonly AnyService[]): readonly ServedInterface[] {
    const node = this.#ensureNode(path);
    try {
      return addInterfaces(path, node.interfaces, node.standard, services);
    } finally {
      this.#prune(node);
    }
  }

  /** Removes services from an object. */
  remove(path: string, removed: readonly ServedInterface[]): void {
    const node = this.#nodes.get(path);
    if (node === undefined) return;
    for (const { contract } of removed) node.interfaces.delete(contract.name);
    this.#prune(node);
  }

  /**
   * Adds ObjectManager to an object.
   *
   * @returns A function that removes the interface.
   * @throws Error if the object already has the interface.
   */
  addManager(path: string): () => void {
    const node = this.#ensureNode(path);
    if (node.isManager || node.interfaces.has(ObjectManager.name))
      throw new Error(`${path} already has an object manager`);
    node.isManager = true;
    this.#managers++;
    return () => {
      node.isManager = false;
      this.#managers--;
      this.#prune(node);
    };
  }

  /**
   * Adds a subtree, which finds objects below its path.
   *
   * @returns A function that removes the subtree.
   * @throws Error if the path already has a subtree.
   */
  addSubtree(subtree: Subtree): () => void {
    const node = this.#ensureNode(subtree.path);
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
   * Returns the object at a path. The root and the parents of served objects are objects, too, but have no served
   * interfaces. Throws the errors of the `find` function of a subtree.
   */
  at(path: string): ObjectView | undefined {
    const node = this.#nodes.get(path);
    if (this.#subtrees === 0 || (node !== undefined && node.interfaces.size > 0)) return node;
    const subtree = node === undefined ? this.#subtreeOf(path) : subtreeAbove(node);
    const interfaces = subtree?.find(path);
    if (subtree === undefined || (interfaces === undefined && node !== undefined)) return node;
    if (interfaces === undefined && subtree.childrenOf(path).length === 0) return undefined;
    return {
      path,
      interfaces: interfaces ?? new Map(),
      standard: node?.standard ?? STANDARD_CONTRACTS,
      children: () => node?.children() ?? subtree.childrenOf(path),
      below: () => node?.below() ?? [],
    };
  }

  /** Returns the paths above a path whose objects have ObjectManager. */
  managersAbove(path: string): readonly string[] {
    const managers: string[] = [];
    if (this.#managers === 0) return managers;
    for (let node = this.#nodes.get(path)?.parent; node !== undefined; node = node.parent) {
      if (node.isManager) managers.push(node.path);
    }
    return managers;
  }

  /**
   * Returns the subtree for a path that has no node: the subtree of its nearest parent that has a subtree. Takes linear
   * time in the length of the path, because callers choose the path.
   */
  #subtreeOf(path: string): Subtree | undefined {
    let node = this.#root;
    let subtree = node.subtree;
    for (const name of elementsOf(path)) {
      const child = node.nodes.get(name);
      if (child === undefined) break;
      node = child;
      subtree = node.subtree ?? subtree;
    }
    return subtree;
  }

  #ensureNode(path: string): ObjectNode {
    assertSyntax(path, isObjectPath, "path", "an object path");
    let node = this.#nodes.get(path) ?? this.#root;
    if (node.path === path) return node;
    let at = "";
    for (const name of elementsOf(path)) {
      at += `/${name}`;
      const child = node.nodes.get(name) ?? new ObjectNode(at, node);
      node.nodes.set(name, child);
      this.#nodes.set(at, child);
      node = child;
    }
    return node;
  }

  /** Removes a node and its parents if they are empty. */
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

/** Yields the elements of a path one by one. Splitting the path would require memory for all elements. */
function* elementsOf(path: string): Iterable<string> {
  for (let start = 1; start < path.length; ) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    yield path.slice(start, end);
    start = end + 1;
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
