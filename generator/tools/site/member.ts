import type { Code } from "../../compiler/emit/file-model.ts";
import type { Argument, Interface, Method, MethodError, Property, Signal, Type } from "../../compiler/resolve/ir.ts";
import type { SiteContext } from "./context.ts";
import { methodNotes, type Note, propertyNotes, versionNotes } from "./notes.ts";
import {
  typescriptMethod,
  typescriptProperty,
  typescriptSignal,
  type WirePart,
  wireMethod,
  wireProperty,
  wireSignal,
} from "./signatures.ts";
import type { Snippet } from "./snippet.ts";
import type { Snippets } from "./snippets.ts";

/** The content of a page about a method, signal or property, independent of the markup. */
export interface MemberEntry {
  readonly kind: "method" | "signal" | "property";
  readonly member: Method | Signal | Property;
  readonly notes: readonly Note[];
  readonly wire: readonly WirePart[];
  readonly typescript: Code;
  readonly args: readonly DirectedArgument[];
  readonly errors: readonly MethodError[];
  /** The type of a property; absent for methods and signals. */
  readonly type?: Type;
  readonly snippets: readonly Snippet[];
}

/** An argument with its direction. Arguments of signals have no direction. */
export interface DirectedArgument {
  readonly arg: Argument;
  readonly direction: "in" | "out" | "";
}

/** Largest number of members of an interface whose members have snippets. The largest known interface has 300. */
const MAX_MEMBERS_WITH_SNIPPETS = 1000;

/** Returns the members of an interface with the titles of their sections, in the order of the spec. */
export function memberSections(
  iface: Interface,
  site: SiteContext,
  allSnippets: Snippets,
): readonly (readonly [title: string, members: readonly MemberEntry[]])[] {
  const count = iface.methods.length + iface.signals.length + iface.properties.length;
  const snippets = count <= MAX_MEMBERS_WITH_SNIPPETS ? allSnippets : undefined;
  return [
    ["Methods", iface.methods.map((method) => methodEntry(method, site, snippets))],
    ["Signals", iface.signals.map((signal) => signalEntry(signal, site, snippets))],
    ["Properties", iface.properties.map((property) => propertyEntry(property, site, snippets))],
  ];
}

function methodEntry(method: Method, site: SiteContext, snippets: Snippets | undefined): MemberEntry {
  return {
    kind: "method",
    member: method,
    notes: [...methodNotes(method), ...versionNotes(method.doc)],
    wire: wireMethod(method),
    typescript: typescriptMethod(method, site),
    args: [...directed(method.in, "in"), ...directed(method.out, "out")],
    errors: method.errors,
    snippets: snippets?.method(method) ?? [],
  };
}

function signalEntry(signal: Signal, site: SiteContext, snippets: Snippets | undefined): MemberEntry {
  return {
    kind: "signal",
    member: signal,
    notes: versionNotes(signal.doc),
    wire: wireSignal(signal),
    typescript: typescriptSignal(signal, site),
    args: directed(signal.args, ""),
    errors: [],
    snippets: snippets?.signal(signal) ?? [],
  };
}

function propertyEntry(property: Property, site: SiteContext, snippets: Snippets | undefined): MemberEntry {
  return {
    kind: "property",
    member: property,
    notes: [...propertyNotes(property), ...versionNotes(property.doc)],
    wire: wireProperty(property),
    typescript: typescriptProperty(property, site),
    args: [],
    errors: [],
    type: property.type,
    snippets: snippets?.property(property) ?? [],
  };
}

function directed(args: readonly Argument[], direction: DirectedArgument["direction"]): readonly DirectedArgument[] {
  return args.map((arg) => ({ arg, direction }));
}
