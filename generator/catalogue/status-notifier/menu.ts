import { InvalidArgsError, type Variant } from "@dbus-codegen-ts/runtime";
import {
  DbusmenuService,
  type ItemProperties,
  type MenuEvent,
  MenuEventKind,
  type MenuLayout,
  type MenuProperties,
  MenuStatus,
  TextDirection,
} from "./generated/com.canonical.dbusmenu.ts";
import { type MenuTree, menuDictionary, menuLayout } from "./menu-tree.ts";

/** An item of a menu, with its action or submenu. */
export interface MenuEntry extends Omit<MenuProperties, "childrenDisplay"> {
  /** Called when the user selects the item. */
  readonly onClick?: () => void;
  /** Items of the submenu. */
  readonly children?: readonly MenuEntry[];
}

/** An entry with its number. */
interface Item {
  readonly tree: MenuTree;
  readonly onClick: (() => void) | undefined;
}

/** A menu with entries of the program. Serve the menu at the path that the property Menu of an item contains. */
export class Menu extends DbusmenuService {
  #items: ReadonlyMap<number, Item>;
  #revision = 1;

  constructor(entries: readonly MenuEntry[]) {
    super({ version: 4, textDirection: TextDirection.LeftToRight, status: MenuStatus.Normal, iconThemePath: [] });
    this.#items = numbered(entries);
  }

  /** Replaces all entries, and notifies the programs that show the menu. */
  replace(entries: readonly MenuEntry[]): void {
    this.#items = numbered(entries);
    this.#revision += 1;
    this.signals.layoutUpdated(this.#revision, 0);
  }

  override getLayout(
    parentId: number,
    recursionDepth: number,
    propertyNames: readonly string[],
  ): [revision: number, layout: MenuLayout] {
    return [this.#revision, menuLayout(cut(this.#item(parentId).tree, recursionDepth, propertyNames))];
  }

  override getGroupProperties(ids: readonly number[], propertyNames: readonly string[]): readonly ItemProperties[] {
    // A caller could name one item many times.
    const selected = ids.length === 0 ? [...this.#items.keys()] : [...new Set(ids)].filter((id) => this.#items.has(id));
    return selected.map((id) => ({ id, properties: only(this.#item(id).tree.properties, propertyNames) }));
  }

  override getProperty(id: number, name: string): Variant {
    const dictionary = menuDictionary(this.#item(id).tree.properties);
    const value = Object.hasOwn(dictionary, name) ? dictionary[name] : undefined;
    if (value === undefined) throw new InvalidArgsError(`the item ${id} has no property ${name}`);
    return value;
  }

  override event(id: number, eventId: MenuEventKind): void {
    const { onClick } = this.#item(id);
    if (eventId === MenuEventKind.Clicked) onClick?.();
  }

  override eventGroup(events: readonly MenuEvent[]): readonly number[] {
    const [known, unknown] = this.#partition(events, ({ id }) => id);
    for (const { id, event } of known) this.event(id, event);
    return unknown.map(({ id }) => id);
  }

  override aboutToShow(id: number): boolean {
    this.#item(id);
    return false;
  }

  override aboutToShowGroup(ids: readonly number[]): [updatesNeeded: readonly number[], idErrors: readonly number[]] {
    return [[], this.#partition(ids, (id) => id)[1]];
  }

  #item(id: number): Item {
    const item = this.#items.get(id);
    if (item === undefined) throw new InvalidArgsError(`the menu has no item ${id}`);
    return item;
  }

  #partition<T>(
    values: readonly T[],
    idOf: (value: T) => number,
  ): readonly [known: readonly T[], unknown: readonly T[]] {
    return [
      values.filter((value) => this.#items.has(idOf(value))),
      values.filter((value) => !this.#items.has(idOf(value))),
    ];
  }
}

/** Returns entries by number, in the order of the menu. The root has the number 0. */
function numbered(entries: readonly MenuEntry[]): ReadonlyMap<number, Item> {
  const items = new Map<number, Item>();
  const add = ({ onClick, children = [], ...properties }: MenuEntry): MenuTree => {
    const id = items.size;
    const below: MenuTree[] = [];
    const display = children.length === 0 && id !== 0 ? {} : { childrenDisplay: "submenu" };
    const tree = { id, properties: { ...properties, ...display }, children: below };
    items.set(id, { tree, onClick });
    below.push(...children.map(add));
    return tree;
  };
  add({ children: entries });
  return items;
}

/**
 * Returns a copy of a tree with a limited depth and only the named properties.
 *
 * @param levels - Number of levels below the root; negative for all.
 * @param names - Wire names of properties; empty for all.
 */
function cut({ id, properties, children }: MenuTree, levels: number, names: readonly string[]): MenuTree {
  const below = levels === 0 ? [] : children.map((child) => cut(child, levels - 1, names));
  return { id, properties: only(properties, names), children: below };
}

/** Returns only the properties with the given wire names, or all if no name is given. */
function only(properties: MenuProperties, names: readonly string[]): MenuProperties {
  if (names.length === 0) return properties;
  const entries = Object.entries(menuDictionary(properties)).filter(([name]) => names.includes(name));
  return { extra: Object.fromEntries(entries) };
}
