import { Variant } from "@dbus-codegen-ts/runtime";
import {
  MenuDisposition,
  MenuItemType,
  type MenuLayout,
  MenuProperties,
  ToggleState,
  ToggleType,
} from "./generated/com.canonical.dbusmenu.ts";

/** An item of a menu with all items below it. */
export interface MenuTree {
  readonly id: number;
  readonly properties: MenuProperties;
  readonly children: readonly MenuTree[];
}

type Dictionary = Readonly<Record<string, Variant>>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };
/** Stores the value of a property if it has the declared type. Returns whether it has. */
type Reader = (properties: Writable<MenuProperties>, value: Variant) => boolean;

/** Signature of the variants that contain the items of a menu. */
const ITEM = "(ia{sv}av)";

/** Converts the reply of GetLayout, in which items are variants. Variants of another type are left out. */
export function menuTree({ id, properties, children }: MenuLayout): MenuTree {
  return { id, properties, children: childrenOf(children) };
}

/** Converts a tree to the reply of GetLayout. */
export function menuLayout({ id, properties, children }: MenuTree): MenuLayout {
  return { id, properties, children: children.map(itemOf) };
}

/** Returns the properties of an item as they are sent. */
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

/** Returns the key of a property and its reader. */
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

/** Returns the value of an enum that equals a value. */
function memberOf<T>(values: Readonly<Record<string, T>>, value: unknown): T | undefined {
  return Object.values(values).find((member) => member === value);
}
