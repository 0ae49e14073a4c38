import type {
  Argument,
  Entry,
  EnumMember,
  ErrorDefinition,
  ErrorDomain,
  Interface,
  Member,
  Method,
  NamedType,
  Property,
  SharedTypes,
  Signal,
} from "../resolve/ir.ts";

/** A member of an interface, a struct member, a dictionary entry or an enum value. */
export type NamedMember = Method | Signal | Property | Member | Entry | EnumMember;

/** A declaration that has an identifier in the output. */
export type Nameable = Interface | NamedMember | NamedType | ErrorDefinition | Argument;

/** A declaration that has an output module. */
export type ModuleOwner = Interface | SharedTypes | ErrorDomain;

/** The name of an export and of the module that exports it. */
export interface ExportName {
  /** File name of the module without its ending. */
  readonly module: string;
  readonly name: string;
}

/** The names of the exports of one interface. */
export type InterfaceNames = Readonly<ReturnType<typeof interfaceNames>>;

/**
 * Returns the names of the exports of an interface.
 *
 * @param module - File name of the module without its ending.
 * @param claim - Reserves the name of the interface with a suffix, and returns it.
 */
export function interfaceNames(module: string, claim: (suffix: string) => string) {
  return {
    module,
    contract: claim(""),
    client: claim("Client"),
    service: claim("Service"),
    properties: claim("Properties"),
    signals: claim("Signals"),
  };
}

/** Names by declaration, as `decideNames` collects them. */
export interface NameTables {
  readonly interfaces: ReadonlyMap<Interface, InterfaceNames>;
  readonly types: ReadonlyMap<NamedType, ExportName>;
  readonly errors: ReadonlyMap<ErrorDefinition, ExportName>;
  readonly members: ReadonlyMap<NamedMember, string>;
  readonly arguments: ReadonlyMap<Argument, string>;
  readonly modules: ReadonlyMap<ModuleOwner, string>;
}

/**
 * The identifiers and file names of the output, all decided before any output is produced. An accessor throws an internal
 * error for a declaration that has no name: such a declaration does not belong to the IR that the names were decided for.
 */
export class Names {
  readonly #tables: NameTables;
  readonly #folder: string;

  constructor(tables: NameTables, folder = "") {
    this.#tables = tables;
    this.#folder = folder;
  }

  /** Returns the names of the exports of an interface. */
  interface(iface: Interface): InterfaceNames {
    return this.#inFolder(required(this.#tables.interfaces, iface, "interface"));
  }

  /** Returns the export of a named type. */
  type(type: NamedType): ExportName {
    return this.#inFolder(required(this.#tables.types, type, "type"));
  }

  /** Returns the export of an error class. */
  error(error: ErrorDefinition): ExportName {
    return this.#inFolder(required(this.#tables.errors, error, "error"));
  }

  /** Returns the identifier of a method, signal, property, struct member, dictionary entry or enum value. */
  member(member: NamedMember): string {
    return required(this.#tables.members, member, "member");
  }

  /** Returns the identifier of a member, or undefined for the key and the value of a mapping, which have none. */
  optionalMember(member: NamedMember): string | undefined {
    return this.#tables.members.get(member);
  }

  /** Returns the parameter name or tuple label of an argument. */
  argument(argument: Argument): string {
    return required(this.#tables.arguments, argument, "argument");
  }

  /** Returns the file name, without its ending, of the module of an interface, an error domain or a file of shared types. */
  module(owner: ModuleOwner): string {
    return this.#folder + required(this.#tables.modules, owner, "module");
  }

  /** Number of output modules. */
  get moduleCount(): number {
    return this.#tables.modules.size;
  }

  /** Returns the same names for code outside the output folder, which imports modules from `folder`. */
  seenFromOutside(folder: string): Names {
    return new Names(this.#tables, `${folder}/`);
  }

  #inFolder<T extends { readonly module: string }>(names: T): T {
    return this.#folder === "" ? names : { ...names, module: this.#folder + names.module };
  }
}

function required<K extends { readonly name: string }, V>(table: ReadonlyMap<K, V>, key: K, kind: string): V {
  const name = table.get(key);
  if (name === undefined) throw new Error(`internal error: no name was decided for the ${kind} "${key.name}"`);
  return name;
}
