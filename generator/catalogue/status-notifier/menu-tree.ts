import { Variant } from "@dbus-codegen-ts/runtime";
import {
  MenuDisposition,
  MenuItemType,
  type MenuLayout,
  MenuProperties,
  ToggleState,
  ToggleType,
} from "./generated/com.canonical.dbusmenu.ts";

/** An item of a menu with all items of its submenus. */
export interface MenuTree {
  readonly id: number;
  readonly properties: MenuProperties;
  readonly children: readonly MenuTree[];
}

type Dictionary = Readonly<Record<string, Variant>>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };
/** Stores the value of a property and returns true, or returns false if the value does not have the declared type. */
type Reader = (properties: Writable<MenuProperties>, value: Variant) => boolean;

/** Signature of a menu item, which GetLayout sends in a variant. */
const ITEM = "(ia{sv}av)";

/** Converts the reply of GetLayout to a tree. Variants that contain no menu item are left out. */
export function menuTree({ id, properties, children }: MenuLayout): MenuTree {
  return { id, properties, children: childrenOf(children) };
}

/** Converts a tree to the reply of GetLayout. */
export function menuLayout({ id, properties, children }: MenuTree): MenuLayout {
  return { id, properties, children: children.map(itemOf) };
}

/** Converts the properties of an item to wire keys and variants. */
export function menuDictionary(properties: MenuProperties): Dictionary {
  const declared = Object.entries(MenuProperties.entries).flatMap(([member, { key, type }]) => {
    const value: unknown = Reflect.get(properties, member);
    return value === undefined ? [] : [[key, new Variant<string>(type, value)] as const];
  });
  return { ...Object.fromEntries(declared), ...properties.extra };
}

function itemOf({ id, properties, children }: MenuTree): Variant {
  return new Variant(ITEM, [id, menuDictionary(properties), children.map(itemOf)]);
}

function childrenOf(children: readonly Variant[]): readonly MenuTree[] {
  return children.flatMap((child) => {
    const item = child.get(ITEM);
    if (item === undefined) return [];
    const [id, dictionary, below] = item;
    return [{ id, properties: propertiesOf(dictionary), children: childrenOf(below) }];
  });
}

function propertiesOf(dictionary: Dictionary): MenuProperties {
  const properties: Writable<MenuProperties> = {};
  const extra = Object.entries(dictionary).filter(([key, value]) => READERS.get(key)?.(properties, value) !== true);
  return extra.length === 0 ? properties : { ...properties, extra: Object.fromEntries(extra) };
}

const READERS: ReadonlyMap<string, Reader> = new Map([
  reader("type", (value) => memberOf(MenuItemType, value.get("s"))),
  reader("label", (value) => value.get("s")),
  reader("enabled", (value) => value.get("b")),
  reader("visible", (value) => value.get("b")),
  reader("iconName", (value) => value.get("s")),
  reader("iconData", (value) => value.get("ay")),
  reader("shortcut", (value) => value.get("aas")),
  reader("toggleType", (value) => memberOf(ToggleType, value.get("s"))),
  reader("toggleState", (value) => memberOf(ToggleState, value.get("i"))),
  reader("childrenDisplay", (value) => value.get("s")),
  reader("accessibleDesc", (value) => value.get("s")),
  reader("disposition", (value) => memberOf(MenuDisposition, value.get("s"))),
]);

/** Returns the wire key of a property, and a function that reads its value. */
function reader<K extends keyof typeof MenuProperties.entries>(
  member: K,
  read: (value: Variant) => MenuProperties[K] | undefined,
): readonly [string, Reader] {
  return [
    MenuProperties.entries[member].key,
    (properties, variant) => {
      const value = read(variant);
      if (value === undefined) return false;
      properties[member] = value;
      return true;
    },
  ];
}

/** Returns the member of an enum that equals a value; undefined for any other value. */
function memberOf<T>(values: Readonly<Record<string, T>>, value: unknown): T | undefined {
  return Object.values(values).find((member) => member === value);
}
