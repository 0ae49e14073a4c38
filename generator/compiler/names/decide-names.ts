import { compareText, type Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Span } from "../diagnostics/source.ts";
import type { Argument, Entry, ErrorDefinition, ErrorDomain, Interface, Ir, NamedType } from "../resolve/ir.ts";
import { keysOf } from "../resolve/walk.ts";
import { shortFileName } from "../text/short-file-name.ts";
import {
  type ExportName,
  type InterfaceNames,
  interfaceNames,
  type ModuleOwner,
  type Nameable,
  type NamedMember,
  Names,
} from "./identifiers.ts";
import { NumberSuffixes } from "./number-suffix.ts";
import {
  CALL_PARAMETER,
  INCOMING_PARAMETER,
  RESERVED_EXPORTS,
  RESERVED_KEYS,
  RESERVED_MEMBERS,
  RESERVED_WORDS,
} from "./reserved.ts";
import { type Claim, Scope } from "./scope.ts";
import { camelCase, pascalCase } from "./words.ts";

/** An identifier from outside the specs. */
export interface ChosenName {
  readonly name: string;
  /** Position of the rename in the config or on the command line. */
  readonly span: Span;
}

export type ChosenNames = ReadonlyMap<Nameable, ChosenName>;

/**
 * Decides all identifiers and file names of the output. A colliding name gets a suffix and a diagnostic.
 *
 * @param chosen - Identifiers from outside the specs.
 * @param nameElements - Number of elements at the end of an interface name from which the names of its exports are
 *   made.
 */
export function decideNames(
  ir: Ir,
  diagnostics: Diagnostics,
  chosen: ChosenNames = new Map(),
  nameElements = 1,
): Names {
  return new NameDecider(diagnostics, chosen, nameElements).decide(ir);
}

class NameDecider {
  readonly #diagnostics: Diagnostics;
  readonly #chosen: ChosenNames;
  readonly #nameElements: number;
  readonly #interfaces = new Map<Interface, InterfaceNames>();
  readonly #types = new Map<NamedType, ExportName>();
  readonly #errors = new Map<ErrorDefinition, ExportName>();
  readonly #members = new Map<NamedMember, string>();
  readonly #arguments = new Map<Argument, string>();
  readonly #modules = new Map<ModuleOwner, string>();

  constructor(diagnostics: Diagnostics, chosen: ChosenNames, nameElements: number) {
    this.#diagnostics = diagnostics;
    this.#chosen = chosen;
    this.#nameElements = nameElements;
  }

  decide(ir: Ir): Names {
    for (const [owner, module] of this.#moduleNames(ir)) {
      this.#modules.set(owner, module);
      if ("methods" in owner) this.#interface(owner, module);
      else if ("types" in owner) this.#claimTypes(owner.types, module, this.#exports());
      else this.#claimErrors(owner, module);
    }
    return new Names({
      interfaces: this.#interfaces,
      types: this.#types,
      errors: this.#errors,
      members: this.#members,
      arguments: this.#arguments,
      modules: this.#modules,
    });
  }

  /** Yields the file name of each module. Names that are equal on a case-insensitive file system get a suffix. */
  *#moduleNames({ interfaces, errorDomains, shared }: Ir): Iterable<readonly [ModuleOwner, string]> {
    const interfaceNames = new Set(interfaces.map(({ name }) => name));
    const owners = [
      ...interfaces.map((owner) => ({ owner, name: owner.name })),
      // Many services name their errors after an interface.
      ...errorDomains.map((owner) => ({
        owner,
        name: `${owner.name}${interfaceNames.has(owner.name) ? ".errors" : ""}`,
      })),
      ...shared.map((owner) => ({ owner, name: fileName(owner.name) })),
    ];
    const taken = new Set<string>();
    const suffixes = new NumberSuffixes();
    for (const { owner, name } of owners.toSorted((a, b) => compareText(a.name, b.name))) {
      const plain = shortFileName(name);
      const isFree = (candidate: string): boolean => !taken.has(candidate.toLowerCase());
      const module = isFree(plain)
        ? plain
        : suffixes.firstFree(plain.toLowerCase(), isFree, (number) => `${plain}-${number}`);
      taken.add(module.toLowerCase());
      if (module !== plain)
        this.#diagnostics.report(
          "renamed",
          owner.span,
          `the file of "${name}" is called "${module}.ts": another file has that name, apart from upper and lower case`,
        );
      yield [owner, module];
    }
  }

  #exports(): Scope {
    return new Scope(RESERVED_EXPORTS, "is a reserved name in TypeScript", this.#diagnostics);
  }

  #interface(iface: Interface, module: string): void {
    const chosen = this.#chosen.get(iface);
    const base = chosen?.name ?? pascalCase(iface.name.split(".").slice(-this.#nameElements).join("."));
    const exports = this.#exports();
    const claim = (suffix: string): string =>
      exports.claimOne({
        of: suffix,
        name: iface.name,
        preferred: base + suffix,
        description: `"${iface.name}"`,
        span: iface.span,
        chosen: chosen?.span,
      });
    const names = interfaceNames(module, claim);
    this.#interfaces.set(iface, names);
    this.#claimTypes(iface.types, module, exports);
    const reserved = (): Scope =>
      new Scope(RESERVED_MEMBERS, "is a member that every client, service or object has", this.#diagnostics);
    this.#claimMembers(reserved(), iface.methods, "method");
    this.#claimMembers(reserved(), iface.signals, "signal");
    this.#claimMembers(reserved(), iface.properties, "property");
    const parameters = new Set([...RESERVED_WORDS, CALL_PARAMETER, INCOMING_PARAMETER, names.contract]);
    for (const method of iface.methods) {
      this.#claimArguments(method.in, parameters);
      this.#claimArguments(method.out, RESERVED_WORDS);
    }
    for (const signal of iface.signals) this.#claimArguments(signal.args, RESERVED_WORDS);
  }

  #claimErrors({ errors }: ErrorDomain, module: string): void {
    const claims = errors.map((error) => ({
      ...this.#claim(error, errorClassName(error.suffix), `error "${error.name}"`),
      name: error.suffix,
    }));
    for (const [error, name] of this.#exports().claim(claims)) this.#errors.set(error, { module, name });
  }

  #claimTypes(types: readonly NamedType[], module: string, exports: Scope): void {
    const claims = types.map((type) => this.#claim(type, pascalCase(type.name), `type "${type.name}"`));
    for (const [type, name] of exports.claim(claims)) {
      this.#types.set(type, { module, name });
      const fields = new Scope(RESERVED_KEYS, "is a member that every object has", this.#diagnostics);
      if (type.kind === "struct") this.#claimMembers(fields, type.members, "member");
      else if (type.kind === "choice" && type.fields !== undefined)
        this.#claimMembers(fields, [type.fields.selector, type.fields.entries], "field");
      else if (type.kind === "dictionary")
        this.#claimMembers(fields, keysOf(type), "key", keyIdentifiers(keysOf(type)));
      else if (type.kind === "enum" || type.kind === "flags")
        this.#claimMembers(fields, type.values, "value", pascalCase);
    }
  }

  #claimMembers<T extends NamedMember>(
    scope: Scope,
    members: readonly T[],
    kind: string,
    toIdentifier: (name: string, member: T) => string = camelCase,
  ): void {
    const claims = members.map((member) =>
      this.#claim(member, toIdentifier(member.name, member), `${kind} "${member.name}"`),
    );
    for (const [member, name] of scope.claim(claims)) this.#members.set(member, name);
  }

  #claimArguments(args: readonly Argument[], reserved: ReadonlySet<string>): void {
    const reason = "is a reserved word in TypeScript or a parameter of the generated method";
    // Callers pass arguments by position, so changed names are not reported.
    const scope = new Scope(reserved, reason, this.#diagnostics, false);
    const claims = args.map((arg, index) =>
      this.#claim(arg, arg.name === "" ? `arg${index}` : camelCase(arg.name), `argument "${arg.name}"`),
    );
    for (const [arg, name] of scope.claim(claims)) this.#arguments.set(arg, name);
  }

  #claim<T extends Nameable>(of: T, preferred: string, description: string): Claim<T> {
    const chosen = this.#chosen.get(of);
    return {
      of,
      name: of.name,
      preferred: chosen?.name ?? preferred,
      description,
      span: of.span,
      chosen: chosen?.span,
    };
  }
}

/**
 * Returns a function that derives an identifier from a dictionary key: from its name for bindings if there is one, else
 * from its last element. Keys with the same last element get identifiers from the whole key.
 */
function keyIdentifiers(entries: readonly Entry[]): (name: string, entry: Entry) => string {
  const counts = new Map<string, number>();
  for (const { name } of entries) counts.set(ownPart(name), (counts.get(ownPart(name)) ?? 0) + 1);
  return (name, { nameForBindings }) =>
    camelCase(nameForBindings ?? ((counts.get(ownPart(name)) ?? 0) > 1 ? name : ownPart(name)));
}

/**
 * Returns the last element of a key that begins with an interface name, such as `Label` of `org.example.Item.Label`.
 * Other keys, such as `encrypt.type`, are returned unchanged.
 */
function ownPart(name: string): string {
  const end = Math.max(name.lastIndexOf("/"), name.lastIndexOf("."));
  return name.slice(0, Math.max(end, 0)).includes(".") ? name.slice(end + 1) : name;
}

function errorClassName(suffix: string): string {
  const name = pascalCase(suffix);
  return name.endsWith("Error") ? name : `${name}Error`;
}

function fileName(text: string): string {
  return text.replace(/[^A-Za-z0-9_.-]/g, "_").replace(/^[.-]+/, "") || "types";
}
