import { createHash } from "node:crypto";
import { compareText, type Diagnostics } from "../diagnostics/diagnostic.ts";
import type { Span } from "../diagnostics/source.ts";
import type {
  Argument,
  Entry,
  EnumMember,
  ErrorDefinition,
  Interface,
  Ir,
  Member,
  Method,
  NamedType,
  Property,
  Signal,
} from "../resolve/ir.ts";
import { RESERVED_EXPORTS, RESERVED_KEYS, RESERVED_MEMBERS, RESERVED_WORDS } from "./reserved.ts";
import { type Claim, Scope } from "./scope.ts";
import { camelCase, pascalCase } from "./words.ts";

/** Every identifier and file name of the output, decided before anything is emitted. */
export interface Names {
  readonly interfaces: ReadonlyMap<Interface, InterfaceNames>;
  readonly types: ReadonlyMap<NamedType, ExportName>;
  readonly errors: ReadonlyMap<ErrorDefinition, ExportName>;
  /** Modules of shared types and of error domains, by what they hold. */
  readonly modules: ReadonlyMap<object, string>;
  /** Identifiers of methods, signals, properties, struct members, dictionary entries and enum values. */
  readonly members: ReadonlyMap<NamedMember, string>;
  /** Parameter names and tuple labels. */
  readonly args: ReadonlyMap<Argument, string>;
}

export type NamedMember = Method | Signal | Property | Member | Entry | EnumMember;

/** Anything that has an identifier in the output. */
export type Nameable = Interface | NamedMember | NamedType | ErrorDefinition | Argument;

/** An identifier that somebody chose, and where. */
export interface ChosenName {
  readonly name: string;
  readonly span: Span;
}

export type ChosenNames = ReadonlyMap<Nameable, ChosenName>;

/** An export and the module it lives in. */
export interface ExportName {
  readonly module: string;
  readonly name: string;
}

export interface InterfaceNames {
  /** File name without its ending. */
  readonly module: string;
  readonly contract: string;
  readonly client: string;
  readonly service: string;
  readonly properties: string;
  readonly signals: string;
}

/** Parameters that generated methods have beside those of the spec. */
export const CALL_PARAMETER = "call";
export const INCOMING_PARAMETER = "incoming";

/**
 * Decides all names of the output. Only what collides is renamed, and each renaming is reported.
 * @param chosen - Names from outside the specs.
 */
export function decideNames(ir: Ir, diagnostics: Diagnostics, chosen: ChosenNames = new Map()): Names {
  return new NameDecider(diagnostics, chosen).decide(ir);
}

class NameDecider {
  readonly #diagnostics: Diagnostics;
  readonly #chosen: ChosenNames;
  readonly #interfaces = new Map<Interface, InterfaceNames>();
  readonly #types = new Map<NamedType, ExportName>();
  readonly #errors = new Map<ErrorDefinition, ExportName>();
  readonly #members = new Map<NamedMember, string>();
  readonly #args = new Map<Argument, string>();

  constructor(diagnostics: Diagnostics, chosen: ChosenNames) {
    this.#diagnostics = diagnostics;
    this.#chosen = chosen;
  }

  decide(ir: Ir): Names {
    const modules = this.#moduleNames(ir);
    for (const one of ir.interfaces) this.#interface(one, modules.get(one) ?? "");
    for (const shared of ir.shared) this.#claimTypes(shared.types, modules.get(shared) ?? "", this.#exports());
    for (const domain of ir.errorDomains) {
      const module = modules.get(domain) ?? "";
      const claims = domain.errors.map((error) => ({
        ...this.#claim(error, errorClassName(error.suffix), `error "${error.name}"`),
        name: error.suffix,
      }));
      for (const [error, name] of this.#exports().claim(claims)) this.#errors.set(error, { module, name });
    }
    return {
      interfaces: this.#interfaces,
      types: this.#types,
      errors: this.#errors,
      modules,
      members: this.#members,
      args: this.#args,
    };
  }

  /** File names: equal ones, also on a file system that ignores case, get a suffix. */
  #moduleNames(ir: Ir): ReadonlyMap<object, string> {
    const homes = [
      ...ir.interfaces.map((home) => ({ home, name: home.name, span: home.span })),
      ...ir.errorDomains.map((home) => ({ home, name: home.name, span: home.span })),
      ...ir.shared.map((home) => ({ home, name: fileName(home.name), span: home.span })),
    ];
    const taken = new Set<string>();
    const modules = new Map<object, string>();
    for (const { home, name, span } of homes.toSorted((a, b) => compareText(a.name, b.name))) {
      const wanted = name.length > MAX_FILE_NAME ? `${name.slice(0, MAX_FILE_NAME)}-${digest(name)}` : name;
      let module = wanted;
      for (let count = 2; taken.has(module.toLowerCase()); count++) module = `${wanted}-${count}`;
      taken.add(module.toLowerCase());
      if (module !== wanted)
        this.#diagnostics.report(
          "renamed",
          span,
          `the file of "${name}" is called "${module}.ts": another has that name where case is ignored`,
        );
      modules.set(home, module);
    }
    return modules;
  }

  #exports(): Scope {
    return new Scope(RESERVED_EXPORTS, "is a name or word of TypeScript", this.#diagnostics);
  }

  #interface(one: Interface, module: string): void {
    const chosen = this.#chosen.get(one);
    const base = chosen?.name ?? pascalCase(one.name.slice(one.name.lastIndexOf(".") + 1));
    const exports = this.#exports();
    const suffixes = ["", "Client", "Service", "Properties", "Signals"] as const;
    const claimed = exports.claim(
      suffixes.map((suffix) => ({
        of: suffix,
        name: one.name,
        wanted: base + suffix,
        what: `"${one.name}"`,
        span: one.span,
        chosen: chosen?.span,
      })),
    );
    const name = (suffix: (typeof suffixes)[number]): string => claimed.get(suffix) ?? "";
    const [contract, client, service, properties, signals] = suffixes.map(name) as [
      string,
      string,
      string,
      string,
      string,
    ];
    this.#interfaces.set(one, { module, contract, client, service, properties, signals });
    this.#claimTypes(one.types, module, exports);
    const reserved = (): Scope =>
      new Scope(RESERVED_MEMBERS, "is a member that every client, service or object has", this.#diagnostics);
    this.#claimMembers(reserved(), one.methods, "method");
    this.#claimMembers(reserved(), one.signals, "signal");
    this.#claimMembers(reserved(), one.properties, "property");
    const parameters = new Set([...RESERVED_WORDS, CALL_PARAMETER, INCOMING_PARAMETER, contract]);
    for (const method of one.methods) {
      this.#claimArgs(method.in, parameters);
      this.#claimArgs(method.out, RESERVED_WORDS);
    }
    for (const signal of one.signals) this.#claimArgs(signal.args, RESERVED_WORDS);
  }

  #claimTypes(types: readonly NamedType[], module: string, exports: Scope): void {
    const names = exports.claim(types.map((type) => this.#claim(type, pascalCase(type.name), `type "${type.name}"`)));
    for (const type of types) {
      this.#types.set(type, { module, name: names.get(type) ?? "" });
      const fields = new Scope(RESERVED_KEYS, "is a member that every object has", this.#diagnostics);
      if (type.kind === "struct") this.#claimMembers(fields, type.members, "member");
      else if (type.kind === "dictionary")
        this.#claimMembers(fields, type.entries, "key", (name) =>
          camelCase(name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf(".")) + 1)),
        );
      else if (type.kind === "enum" || type.kind === "flags")
        this.#claimMembers(fields, type.values, "value", pascalCase);
    }
  }

  #claimMembers<T extends NamedMember>(
    scope: Scope,
    members: readonly T[],
    kind: string,
    toIdentifier = camelCase,
  ): void {
    const claims = members.map((member) => this.#claim(member, toIdentifier(member.name), `${kind} "${member.name}"`));
    for (const [member, name] of scope.claim(claims)) this.#members.set(member, name);
  }

  #claimArgs(args: readonly Argument[], reserved: ReadonlySet<string>): void {
    const scope = new Scope(reserved, "is a word of TypeScript or of the generated method", this.#diagnostics);
    const claims = args.map((arg, index) =>
      this.#claim(arg, arg.name === "" ? `arg${index}` : camelCase(arg.name), `argument "${arg.name}"`),
    );
    for (const [arg, name] of scope.claim(claims)) this.#args.set(arg, name);
  }

  #claim<T extends Nameable>(of: T, wanted: string, what: string): Claim<T> {
    const chosen = this.#chosen.get(of);
    return { of, name: of.name, wanted: chosen?.name ?? wanted, what, span: of.span, chosen: chosen?.span };
  }
}

function errorClassName(suffix: string): string {
  const name = pascalCase(suffix);
  return name.endsWith("Error") ? name : `${name}Error`;
}

/** Longest file name in characters, so that endings and a temporary suffix still fit into 255 bytes. */
const MAX_FILE_NAME = 200;

function fileName(text: string): string {
  return text.replace(/[^A-Za-z0-9_.-]/g, "_").replace(/^[.-]+/, "") || "types";
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
