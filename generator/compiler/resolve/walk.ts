import type {
  Argument,
  DictionaryType,
  Entry,
  EntryPattern,
  Interface,
  Ir,
  Method,
  NamedType,
  Property,
  Signal,
  Type,
} from "./ir.ts";

/** A method, signal or property with its interface. */
export type PlacedMember =
  | { readonly kind: "method"; readonly member: Method; readonly of: Interface }
  | { readonly kind: "signal"; readonly member: Signal; readonly of: Interface }
  | { readonly kind: "property"; readonly member: Property; readonly of: Interface };

/** Returns all members of all interfaces. */
export function membersOf({ interfaces }: Ir): readonly PlacedMember[] {
  return interfaces.flatMap((of): readonly PlacedMember[] => [
    ...of.methods.map((member) => ({ kind: "method", member, of }) as const),
    ...of.signals.map((member) => ({ kind: "signal", member, of }) as const),
    ...of.properties.map((member) => ({ kind: "property", member, of }) as const),
  ]);
}

/** Returns the arguments of all methods and signals, each with its member. */
export function argumentsOf(ir: Ir): readonly { readonly arg: Argument; readonly of: Method | Signal }[] {
  return ir.interfaces.flatMap(({ methods, signals }) => [
    ...methods.flatMap((of) => [...of.in, ...of.out].map((arg) => ({ arg, of }))),
    ...signals.flatMap((of) => of.args.map((arg) => ({ arg, of }))),
  ]);
}

/** Returns all named types: those of interfaces, then shared ones. */
export function typesOf({ interfaces, shared }: Ir): readonly NamedType[] {
  return [...interfaces, ...shared].flatMap(({ types }) => types);
}

/**
 * Returns the named types that members use, directly or inside other types.
 * @param others - Names of types that are used outside the IR.
 */
export function usedTypes(ir: Ir, others: ReadonlySet<string> = new Set()): ReadonlySet<NamedType> {
  const used = new Set<NamedType>();
  for (const type of typesOf(ir)) {
    if (others.has(type.name)) collect({ kind: "named", type, signature: type.signature }, used);
  }
  for (const { arg } of argumentsOf(ir)) collect(arg.type, used);
  for (const { properties } of ir.interfaces) for (const { type } of properties) collect(type, used);
  return used;
}

/** Returns the types of the parts of a named type: its members or entries, or the type that it refines. */
export function typesIn(type: NamedType): readonly Type[] {
  switch (type.kind) {
    case "simple":
      return [type.type];
    case "struct":
      return type.members.map((member) => member.type);
    case "mapping":
      return [type.key.type, type.value.type];
    case "dictionary":
      return keysOf(type).map((entry) => entry.type);
    case "choice":
      return type.cases.map(({ type: dictionary }) => ({
        kind: "named",
        type: dictionary,
        signature: dictionary.signature,
      }));
    case "enum":
    case "flags":
      return [];
  }
}

/** Returns the declared keys of a dictionary, then its patterns. All have identifiers. */
export function keysOf({ entries, patterns }: DictionaryType): readonly (Entry | EntryPattern)[] {
  return [...entries, ...patterns];
}

/** Returns the declared key or the first pattern of a dictionary that a key on the wire belongs to. */
export function keyOf(dictionary: DictionaryType, key: string): Entry | EntryPattern | undefined {
  const { entries, patterns } = dictionary;
  const table = ENTRY_TABLES.get(dictionary) ?? new Map(entries.toReversed().map((entry) => [entry.name, entry]));
  ENTRY_TABLES.set(dictionary, table);
  return table.get(key) ?? patterns.find(({ pattern }) => matchesPattern(pattern, key));
}

/** The entries of each dictionary by key, so that checking a value with many keys takes linear time. */
const ENTRY_TABLES = new WeakMap<DictionaryType, ReadonlyMap<string, Entry>>();

function matchesPattern(pattern: string, key: string): boolean {
  const [prefix = "", suffix = ""] = pattern.split("*");
  return key.length >= prefix.length + suffix.length && key.startsWith(prefix) && key.endsWith(suffix);
}

/**
 * Adds the named types in a type to a set. The function loops, because dictionaries can form chains that are too long
 * for recursion.
 */
function collect(type: Type, used: Set<NamedType>): void {
  const pending = [type];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "array") pending.push(next.element);
    else if (next.kind === "dict") pending.push(next.key, next.value);
    else if (next.kind === "struct") for (const field of next.fields) pending.push(field);
    else if (next.kind === "named" && !used.has(next.type)) {
      used.add(next.type);
      for (const part of typesIn(next.type)) pending.push(part);
    }
  }
}
