import { isObjectPath } from "@dbus-codegen-ts/runtime/grammar";
import { ObjectManager } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.ObjectManager";
import type { Diagnostics } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import type { Argument, Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { nearestWord } from "../../compiler/text/nearest-word.ts";
import { listing } from "../../compiler/text/shorten.ts";
import { pathText, schemaProblems } from "../schema-problems.ts";
import { memberKey } from "./contract.ts";
import {
  type Emission,
  type ScriptedInterface,
  type ScriptedObject,
  type ScriptedReply,
  type TimedEmission,
  unscriptedInterface,
  unscriptedObject,
} from "./script.ts";
import { SCRIPT_DEPTH, SCRIPT_SCHEMA } from "./script-schema.ts";
import { WireValueReader } from "./wire-values.ts";
import { describeNode, type Entry, entriesOf, itemsOf, scalarOf, YamlDocument } from "./yaml-document.ts";

/**
 * Reads a mock script: interfaces by name, or objects by path with interfaces by name. All problems are reported.
 * @param path - Path of the object with the interfaces that are not below an object path.
 */
export function readScript(
  source: Source,
  interfaces: readonly Interface[],
  path: string,
  diagnostics: Diagnostics,
): readonly ScriptedObject[] {
  const document = YamlDocument.parse(source, diagnostics);
  if (document === undefined) return [];
  const script = document.toPlain(document.root, SCRIPT_DEPTH);
  if (script === null) return [unscriptedObject(path, interfaces)];
  for (const problem of schemaProblems(SCRIPT_SCHEMA, script)) {
    const span = document.span(document.nodeAt(problem.path, problem.isUnknownKey));
    diagnostics.report("values-key", span, `${pathText(problem.path) || "the script"}: ${problem.message}`);
  }
  return new ScriptReader(document, interfaces, diagnostics).objects(path);
}

/** Largest number of unknown names for which a similar name is searched. Each search compares all known names. */
const MAX_SUGGESTIONS = 50;

/**
 * Members of an interface by the names that a script can use: the D-Bus name and, for methods and signals, also the key
 * in the contract.
 */
interface MemberIndex {
  readonly methods: ReadonlyMap<string, readonly Method[]>;
  readonly signals: ReadonlyMap<string, Signal>;
  readonly properties: ReadonlyMap<string, Property>;
}

/** Reads a script whose structure was checked. Parts with a wrong structure were reported and are skipped. */
class ScriptReader {
  readonly #document: YamlDocument;
  readonly #interfaces: readonly Interface[];
  readonly #interfacesByName: ReadonlyMap<string, Interface>;
  readonly #members = new Map<Interface, MemberIndex>();
  readonly #diagnostics: Diagnostics;
  readonly #values: WireValueReader;
  #suggestions = 0;

  constructor(document: YamlDocument, interfaces: readonly Interface[], diagnostics: Diagnostics) {
    this.#document = document;
    this.#interfaces = interfaces;
    this.#interfacesByName = new Map(interfaces.map((iface) => [iface.name, iface]));
    this.#diagnostics = diagnostics;
    this.#values = new WireValueReader(document, diagnostics);
  }

  objects(path: string): readonly ScriptedObject[] {
    const entries = this.#entries(this.#document.root).filter(({ name }) => name !== "$schema");
    const isObject = ({ name }: Entry): boolean => name.startsWith("/");
    const objects = entries.filter(isObject).flatMap((entry) => this.#object(entry));
    const own = entries.filter((entry) => !isObject(entry));
    if (own.length === 0 && objects.length > 0) return objects;
    const { interfaces: scripted, isManager } = this.#interfacesOf(path, own);
    const scriptedSpecs = new Set(scripted.map(({ spec }) => spec));
    const unscripted = this.#interfaces.filter((spec) => !scriptedSpecs.has(spec)).map(unscriptedInterface);
    const others = objects.filter((object) => object.path !== path);
    return [{ path, interfaces: [...scripted, ...unscripted], isManager }, ...others];
  }

  #object({ name, key, value }: Entry): readonly ScriptedObject[] {
    if (!isObjectPath(name)) {
      this.#report(key, `"${name}" is not an object path`, "such as /org/example/Jukebox1");
      return [];
    }
    return [this.#interfacesOf(name, this.#entries(value))];
  }

  #interfacesOf(path: string, entries: readonly Entry[]): ScriptedObject {
    const interfaces = entries.filter(({ name }) => name !== ObjectManager.name);
    return {
      path,
      interfaces: interfaces.flatMap((entry) => this.#interface(entry)),
      isManager: interfaces.length < entries.length,
    };
  }

  #interface({ name, key, value }: Entry): readonly ScriptedInterface[] {
    const spec = this.#interfacesByName.get(name);
    if (spec === undefined) {
      this.#reportUnknown(key, name, "no spec declares the interface", this.#interfaces);
      return [];
    }
    const parts = this.#parts(value);
    return [
      {
        spec,
        properties: this.#properties(parts.get("properties"), spec),
        replies: this.#methods(parts.get("methods"), spec),
        emissions: this.#items(parts.get("emit")).flatMap((item) => this.#timedEmission(item, spec)),
      },
    ];
  }

  #properties(value: unknown, spec: Interface): Readonly<Record<string, unknown>> {
    const { properties: declared } = this.#membersOf(spec);
    const properties = this.#entries(value).flatMap((entry) => {
      const property = declared.get(entry.name);
      if (property !== undefined) return [[entry.name, this.#values.read(property.type, entry.value, entry.name)]];
      this.#reportUnknown(entry.key, entry.name, `${spec.name} has no property`, spec.properties);
      return [];
    });
    return Object.fromEntries(properties);
  }

  #methods(value: unknown, spec: Interface): ReadonlyMap<string, readonly ScriptedReply[]> {
    const replies = new Map<string, readonly ScriptedReply[]>();
    for (const entry of this.#entries(value)) {
      const methods = this.#membersOf(spec).methods.get(entry.name) ?? [];
      if (methods.length === 0) this.#reportUnknown(entry.key, entry.name, `${spec.name} has no method`, spec.methods);
      for (const method of methods) {
        const items = this.#items(entry.value);
        replies.set(
          memberKey(method.name, method.in),
          items.map((item) => this.#reply(item, method, spec)),
        );
      }
    }
    return replies;
  }

  #reply(value: unknown, method: Method, spec: Interface): ScriptedReply {
    const parts = this.#parts(value);
    const error = parts.get("error");
    return {
      ...(parts.has("reply") && { result: { value: this.#result(parts.get("reply"), method) } }),
      ...(error !== undefined && { error: this.#error(error) }),
      delayMs: this.#number(parts.get("delay")) ?? 0,
      set: this.#properties(parts.get("set"), spec),
      emit: this.#items(parts.get("emit")).flatMap((item) => this.#emission(item, spec)),
    };
  }

  #result(value: unknown, { name, out }: Method): unknown {
    const [first, ...more] = out;
    if (first === undefined) {
      this.#report(value, `${name} has no output argument, so it cannot have a reply`);
      return undefined;
    }
    if (more.length > 0) return this.#arguments(value, out, `the reply of ${name}`);
    return this.#values.read(first.type, value, `the reply of ${name}`);
  }

  #error(value: unknown): { readonly name: string; readonly message: string } {
    const text = scalarOf(this.#document.resolve(value))?.value;
    const parts = this.#parts(value);
    const scalar = (key: string): unknown => scalarOf(this.#document.resolve(parts.get(key)))?.value ?? "";
    return { name: String(text ?? scalar("name")), message: String(scalar("message")) };
  }

  #timedEmission(value: unknown, spec: Interface): readonly TimedEmission[] {
    const parts = this.#parts(value);
    const every = this.#number(parts.get("every"));
    const afterMs = this.#number(parts.get("after")) ?? every ?? 0;
    const timing = { afterMs, ...(every !== undefined && { everyMs: Math.max(1, every) }) };
    return this.#emission(value, spec).map((emission) => ({ ...emission, ...timing }));
  }

  #emission(value: unknown, spec: Interface): readonly Emission[] {
    const parts = this.#parts(value);
    const nameNode = parts.get("signal");
    const name = scalarOf(this.#document.resolve(nameNode))?.value;
    if (typeof name !== "string") return [];
    const signal = this.#membersOf(spec).signals.get(name);
    if (signal === undefined) {
      this.#reportUnknown(nameNode, name, `${spec.name} has no signal`, spec.signals);
      return [];
    }
    const key = memberKey(signal.name, signal.args);
    if (!parts.has("args") && signal.args.length === 0) return [{ signal: key, args: [] }];
    const args = this.#arguments(parts.get("args") ?? value, signal.args, `args of ${signal.name}`);
    return args === undefined ? [] : [{ signal: key, args }];
  }

  /** @param subject - Noun phrase for the arguments, for messages. */
  #arguments(value: unknown, args: readonly Argument[], subject: string): readonly unknown[] | undefined {
    const node = this.#document.resolve(value);
    const items = itemsOf(node);
    if (items?.length === args.length)
      return args.map(({ type, name }, index) =>
        this.#values.read(type, items[index], `${subject}: ${name === "" ? `number ${index + 1}` : name}`),
      );
    const given = items === undefined ? describeNode(node) : `a list of ${items.length}`;
    const expected = args.map(({ type, name }) => `${name} ${type.signature}`.trim()).join(", ");
    this.#report(value, `${subject}: expected a list of ${args.length}, not ${given}`, expected);
    return undefined;
  }

  #number(value: unknown): number | undefined {
    const number = scalarOf(this.#document.resolve(value))?.value;
    return typeof number === "bigint" || typeof number === "number" ? Number(number) : undefined;
  }

  #parts(value: unknown): ReadonlyMap<string, unknown> {
    return new Map(this.#entries(value).map((entry) => [entry.name, entry.value]));
  }

  #entries(value: unknown): readonly Entry[] {
    return entriesOf(this.#document.resolve(value)) ?? [];
  }

  /** Returns the items of a list, or a value that is not a list as the only item. */
  #items(value: unknown): readonly unknown[] {
    if (value === undefined) return [];
    return itemsOf(this.#document.resolve(value)) ?? [value];
  }

  #membersOf(spec: Interface): MemberIndex {
    let index = this.#members.get(spec);
    if (index === undefined) {
      index = indexOf(spec);
      this.#members.set(spec, index);
    }
    return index;
  }

  #reportUnknown(node: unknown, name: string, message: string, candidates: readonly { readonly name: string }[]): void {
    const names = this.#suggestions++ < MAX_SUGGESTIONS ? candidates.map((candidate) => candidate.name) : [];
    const nearest = nearestWord(name, names);
    const all = names.length === 0 ? undefined : `there are ${listing(names)}`;
    this.#report(node, `${message} "${name}"`, nearest === undefined ? all : `did you mean "${nearest}"?`);
  }

  #report(node: unknown, message: string, hint?: string): void {
    const span = this.#document.span(node);
    this.#diagnostics.report("values-key", span, message, { ...(hint !== undefined && { hint }) });
  }
}

function indexOf(spec: Interface): MemberIndex {
  const methods = new Map<string, Method[]>();
  for (const method of spec.methods) {
    for (const name of [method.name, memberKey(method.name, method.in)]) {
      const same = methods.get(name);
      if (same === undefined) methods.set(name, [method]);
      else same.push(method);
    }
  }
  // Of several members with one name the first one counts.
  const signals = spec.signals.flatMap((signal) => [
    [signal.name, signal] as const,
    [memberKey(signal.name, signal.args), signal] as const,
  ]);
  const properties = spec.properties.map((property) => [property.name, property] as const);
  return { methods, signals: new Map(signals.toReversed()), properties: new Map(properties.toReversed()) };
}
