import type { Code } from "../../compiler/emit/model.ts";
import type { Argument, Interface, Method, MethodError, Property, Signal, Type } from "../../compiler/resolve/ir.ts";
import type { SiteContext } from "./context.ts";
import { type Fact, methodFacts, propertyFacts, versionFacts } from "./facts.ts";
import {
  typescriptMethod,
  typescriptProperty,
  typescriptSignal,
  type WirePiece,
  wireMethod,
  wireProperty,
  wireSignal,
} from "./signatures.ts";
import type { Snippet } from "./snippet.ts";
import type { Snippets } from "./snippets.ts";

/** What a page says of a method, signal or property, in any markup. */
export interface MemberEntry {
  readonly kind: "method" | "signal" | "property";
  readonly member: Method | Signal | Property;
  readonly facts: readonly Fact[];
  readonly wire: readonly WirePiece[];
  readonly typescript: Code;
  readonly args: readonly DirectedArgument[];
  readonly errors: readonly MethodError[];
  /** Of a property. */
  readonly type?: Type;
  readonly snippets: readonly Snippet[];
}

/** An argument, and which way it goes; that of a signal goes one way only. */
export interface DirectedArgument {
  readonly arg: Argument;
  readonly direction: "in" | "out" | "";
}

/** The members of an interface by the title of their section, in the order of the spec. */
export function memberSections(
  one: Interface,
  site: SiteContext,
  snippets: Snippets,
): readonly (readonly [title: string, members: readonly MemberEntry[]])[] {
  return [
    ["Methods", one.methods.map((method) => methodEntry(method, site, snippets))],
    ["Signals", one.signals.map((signal) => signalEntry(signal, site, snippets))],
    ["Properties", one.properties.map((property) => propertyEntry(property, site, snippets))],
  ];
}

function methodEntry(method: Method, site: SiteContext, snippets: Snippets): MemberEntry {
  return {
    kind: "method",
    member: method,
    facts: [...methodFacts(method), ...versionFacts(method.doc)],
    wire: wireMethod(method),
    typescript: typescriptMethod(method, site),
    args: [...directed(method.in, "in"), ...directed(method.out, "out")],
    errors: method.errors,
    snippets: snippets.method(method),
  };
}

function signalEntry(signal: Signal, site: SiteContext, snippets: Snippets): MemberEntry {
  return {
    kind: "signal",
    member: signal,
    facts: versionFacts(signal.doc),
    wire: wireSignal(signal),
    typescript: typescriptSignal(signal, site),
    args: directed(signal.args, ""),
    errors: [],
    snippets: snippets.signal(signal),
  };
}

function propertyEntry(property: Property, site: SiteContext, snippets: Snippets): MemberEntry {
  return {
    kind: "property",
    member: property,
    facts: [...propertyFacts(property), ...versionFacts(property.doc)],
    wire: wireProperty(property),
    typescript: typescriptProperty(property, site),
    args: [],
    errors: [],
    type: property.type,
    snippets: snippets.property(property),
  };
}

function directed(args: readonly Argument[], direction: DirectedArgument["direction"]): readonly DirectedArgument[] {
  return args.map((arg) => ({ arg, direction }));
}
