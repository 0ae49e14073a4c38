import { isErrorName, isObjectPath } from "@dbus-codegen-ts/runtime/grammar";
import type { Node } from "yaml";
import type { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Argument, Interface, Method, Signal } from "../../compiler/resolve/ir.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { memberKey } from "./contract.ts";
import { type Entry, entriesOf, itemsOf, kindOf, scalarOf, type ValuesDocument } from "./yaml-document.ts";
import { ValueReader } from "./wire-values.ts";

/** What a mock has and does at one path. */
export interface ScriptedObject {
  readonly path: string;
  readonly interfaces: readonly ScriptedInterface[];
}

/** What a mock has and does for one interface. */
export interface ScriptedInterface {
  readonly spec: Interface;
  /** Values of properties by name. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Answers of methods by their key in the contract, one after the other; the last stays. */
  readonly answers: ReadonlyMap<string, readonly Answer[]>;
  /** Signals that come of themselves. */
  readonly emissions: readonly TimedEmission[];
}

/** What one call of a method leads to. */
export interface Answer {
  /** What the handler gives; absent for the default. */
  readonly reply?: { readonly value: unknown };
  readonly error?: { readonly name: string; readonly message: string };
  /** Milliseconds until then. */
  readonly delay: number;
  /** Properties that change before the reply, by name. */
  readonly set: Readonly<Record<string, unknown>>;
  /** Signals before the reply. */
  readonly emit: readonly Emission[];
}

/** A signal, by its key in the contract. */
export interface Emission {
  readonly signal: string;
  readonly args: readonly unknown[];
}

/** A signal that comes of itself. */
export interface TimedEmission extends Emission {
  /** Milliseconds from the start. */
  readonly after: number;
  /** Milliseconds from one to the next; absent where it comes once. */
  readonly every?: number;
}

/**
 * Reads what mocks have and do: interfaces at the path that is given, or objects by their paths with interfaces in them.
 *
 * @param path - Path of the interfaces that stand outside any object.
 */
export function readScript(
  document: ValuesDocument,
  interfaces: readonly Interface[],
  path: string,
  diagnostics: Diagnostics,
): readonly ScriptedObject[] {
  return new ScriptReader(document, interfaces, diagnostics).objects(path);
}

/** An object that has all interfaces, and default values. */
export function plainObject(path: string, interfaces: readonly Interface[]): ScriptedObject {
  return { path, interfaces: interfaces.map(plainInterface) };
}

function plainInterface(spec: Interface): ScriptedInterface {
  return { spec, properties: {}, answers: new Map(), emissions: [] };
}

class ScriptReader {
  readonly #document: ValuesDocument;
  readonly #interfaces: readonly Interface[];
  readonly #diagnostics: Diagnostics;
  readonly #values: ValueReader;

  constructor(document: ValuesDocument, interfaces: readonly Interface[], diagnostics: Diagnostics) {
    this.#document = document;
    this.#interfaces = interfaces;
    this.#diagnostics = diagnostics;
    this.#values = new ValueReader(document, diagnostics);
  }

  objects(path: string): readonly ScriptedObject[] {
    const root = this.#document.node(this.#document.root);
    if (root === undefined || scalarOf(root)?.value === null) return [plainObject(path, this.#interfaces)];
    const entries = this.#map(root, "the file");
    const isObject = ({ name }: Entry): boolean => name.startsWith("/");
    const objects = entries.filter(isObject).flatMap((entry) => this.#object(entry));
    const own = entries.filter((entry) => !isObject(entry)).flatMap((entry) => this.#interface(entry));
    if (own.length === 0 && objects.length > 0) return objects;
    const named = new Set(own.map(({ spec }) => spec));
    const others = this.#interfaces.filter((one) => !named.has(one)).map(plainInterface);
    return [{ path, interfaces: [...own, ...others] }, ...objects.filter((object) => object.path !== path)];
  }

  #object({ name, key, value }: Entry): readonly ScriptedObject[] {
    if (!isObjectPath(name)) {
      this.#wrong(key, `"${name}" is not an object path`, "such as /org/example/Jukebox1");
      return [];
    }
    const interfaces = this.#map(this.#document.node(value), name).flatMap((entry) => this.#interface(entry));
    return [{ path: name, interfaces }];
  }

  #interface(entry: Entry): readonly ScriptedInterface[] {
    const known = this.#interfaces.map(({ name }) => name);
    const spec = this.#interfaces.find(({ name }) => name === entry.name);
    if (spec === undefined) {
      this.#unknown(entry, "no spec has the interface", known);
      return [];
    }
    const parts = this.#parts(entry.value, ["properties", "methods", "emit"], spec.name);
    return [
      {
        spec,
        properties: this.#properties(parts.get("properties"), spec),
        answers: this.#methods(parts.get("methods"), spec),
        emissions: this.#list(parts.get("emit")).flatMap((item) => this.#timed(item, spec)),
      },
    ];
  }

  #properties(entry: Entry | undefined, spec: Interface): Readonly<Record<string, unknown>> {
    if (entry === undefined) return {};
    const read = this.#map(this.#document.node(entry.value), "properties").flatMap((one) => {
      const property = spec.properties.find(({ name }) => name === one.name);
      if (property !== undefined) return [[one.name, this.#values.read(property.type, one.value, one.name)] as const];
      this.#unknown(
        one,
        `${spec.name} has no property`,
        spec.properties.map(({ name }) => name),
      );
      return [];
    });
    return Object.fromEntries(read);
  }

  #methods(entry: Entry | undefined, spec: Interface): ReadonlyMap<string, readonly Answer[]> {
    const answers = new Map<string, readonly Answer[]>();
    if (entry === undefined) return answers;
    for (const one of this.#map(this.#document.node(entry.value), "methods")) {
      const methods = spec.methods.filter(
        (method) => method.name === one.name || memberKey(method.name, method.in) === one.name,
      );
      const known = spec.methods.map(({ name }) => name);
      if (methods.length === 0) this.#unknown(one, `${spec.name} has no method`, known);
      for (const method of methods) {
        const items = itemsOf(this.#document.node(one.value)) ?? [one.value];
        const all = items.map((item) => this.#answer(item, method, spec));
        answers.set(memberKey(method.name, method.in), all);
      }
    }
    return answers;
  }

  #answer(value: unknown, method: Method, spec: Interface): Answer {
    const parts = this.#parts(value, ["reply", "error", "delay", "set", "emit"], method.name);
    const [reply, error] = [parts.get("reply"), parts.get("error")];
    if (reply !== undefined && error !== undefined)
      this.#wrong(error.key, `${method.name} answers with a reply or an error, not both`);
    return {
      ...(reply !== undefined && { reply: { value: this.#reply(reply, method) } }),
      ...(error !== undefined && { error: this.#error(error) }),
      delay: this.#milliseconds(parts.get("delay")) ?? 0,
      set: this.#properties(parts.get("set"), spec),
      emit: this.#list(parts.get("emit")).flatMap((item) => this.#emission(item, spec, [])?.emission ?? []),
    };
  }

  #reply({ key, value }: Entry, { name, out }: Method): unknown {
    const [only, ...more] = out;
    if (only === undefined) this.#wrong(key, `${name} gives nothing, so it has no reply`);
    else if (more.length === 0) return this.#values.read(only.type, value, `the reply of ${name}`);
    else return this.#arguments(value, out, `the reply of ${name}`);
    return undefined;
  }

  #error({ value }: Entry): { readonly name: string; readonly message: string } {
    const node = this.#document.node(value);
    const plain = scalarOf(node)?.value;
    const parts = plain === undefined ? this.#parts(value, ["name", "message"], "error") : new Map<string, Entry>();
    const given = parts.get("name")?.value ?? value;
    const name = plain ?? scalarOf(this.#document.node(given))?.value;
    const message = scalarOf(this.#document.node(parts.get("message")?.value))?.value ?? "";
    if (typeof name === "string" && isErrorName(name)) return { name, message: String(message) };
    this.#wrong(
      given,
      "an error has a name such as org.example.Error.Busy, and perhaps a message",
      "{ name, message }",
    );
    return { name: "", message: "" };
  }

  #timed(value: unknown, spec: Interface): readonly TimedEmission[] {
    const read = this.#emission(value, spec, ["after", "every"]);
    if (read === undefined) return [];
    const every = this.#milliseconds(read.parts.get("every"));
    const after = this.#milliseconds(read.parts.get("after")) ?? every ?? 0;
    return [{ ...read.emission, after, ...(every !== undefined && { every: Math.max(1, every) }) }];
  }

  #emission(
    value: unknown,
    spec: Interface,
    more: readonly string[],
  ): { readonly emission: Emission; readonly parts: ReadonlyMap<string, Entry> } | undefined {
    const parts = this.#parts(value, ["signal", "args", ...more], "emit");
    const entry = parts.get("signal");
    const name = scalarOf(this.#document.node(entry?.value))?.value;
    const signal = spec.signals.find((one) => one.name === name || memberKey(one.name, one.args) === name);
    if (signal === undefined) {
      const known = spec.signals.map((one) => one.name);
      if (entry === undefined) this.#wrong(value, "emit names its signal", "{ signal: Name, args: [] }");
      else this.#unknown({ ...entry, name: String(name), key: entry.value }, `${spec.name} has no signal`, known);
      return undefined;
    }
    return { emission: this.#signal(signal, parts.get("args")), parts };
  }

  #signal(signal: Signal, given: Entry | undefined): Emission {
    const key = memberKey(signal.name, signal.args);
    const what = `args of ${signal.name}`;
    if (given !== undefined) return { signal: key, args: this.#arguments(given.value, signal.args, what) ?? [] };
    if (signal.args.length > 0) this.#wrong(undefined, `${signal.name} has ${signal.args.length} args, none are given`);
    return { signal: key, args: [] };
  }

  #arguments(value: unknown, args: readonly Argument[], what: string): readonly unknown[] | undefined {
    const items = itemsOf(this.#document.node(value));
    if (items?.length === args.length)
      return args.map(({ type, name }, index) =>
        this.#values.read(type, items[index], `${what}: ${name === "" ? `number ${index + 1}` : name}`),
      );
    const given = items === undefined ? kindOf(this.#document.node(value)) : `of ${items.length}`;
    this.#wrong(
      value,
      `${what} are a list of ${args.length}, not ${given}`,
      args.map(({ type, name }) => `${name} ${type.signature}`.trim()).join(", "),
    );
    return undefined;
  }

  #milliseconds(entry: Entry | undefined): number | undefined {
    if (entry === undefined) return undefined;
    const given = scalarOf(this.#document.node(entry.value))?.value;
    const number = typeof given === "bigint" ? Number(given) : given;
    if (typeof number === "number" && number >= 0 && number < 2 ** 31) return number;
    this.#wrong(entry.value, `${entry.name} is a number of milliseconds`);
    return undefined;
  }

  /** Items of a list, or the one that stands for a list. */
  #list(entry: Entry | undefined): readonly unknown[] {
    if (entry === undefined) return [];
    return itemsOf(this.#document.node(entry.value)) ?? [entry.value];
  }

  /** Entries of a map that may have certain keys. */
  #parts(value: unknown, allowed: readonly string[], what: string): ReadonlyMap<string, Entry> {
    const parts = new Map<string, Entry>();
    const node = this.#document.node(value);
    if (node === undefined || scalarOf(node)?.value === null) return parts;
    for (const entry of this.#map(node, what)) {
      if (allowed.includes(entry.name)) parts.set(entry.name, entry);
      else this.#unknown(entry, `${what} has no`, allowed);
    }
    return parts;
  }

  #map(node: Node | undefined, what: string): readonly Entry[] {
    const entries = entriesOf(node);
    if (entries === undefined) this.#wrong(node, `${what} is a map, not ${kindOf(node)}`);
    return entries ?? [];
  }

  #unknown({ name, key }: Entry, what: string, known: readonly string[]): void {
    const near = nearestWord(name, known);
    const hint = near === undefined ? `there are ${known.join(", ")}` : `did you mean "${near}"?`;
    this.#wrong(key, `${what} ${JSON.stringify(name)}`, known.length === 0 ? undefined : hint);
  }

  #wrong(value: unknown, message: string, hint?: string): void {
    this.#diagnostics.report("values-key", this.#document.span(value), message, {
      ...(hint !== undefined && { hint }),
    });
  }
}
