import type { Span } from "../../compiler/diagnostics/source.ts";
import type { NamedMember } from "../../compiler/names/identifiers.ts";
import {
  ANNOTATION_FIELDS,
  type AnnotationField,
  type AnnotationValues,
} from "../../compiler/resolve/annotation-table.ts";
import type { Annotations, Argument, Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { signatureOf } from "../../compiler/resolve/signature.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import { spansOf } from "./change.ts";
import type { ChangeCode } from "./change-kinds.ts";
import { compareDeclarations } from "./compare-declarations.ts";
import { compareValueTypes, type Providers } from "./compare-value-types.ts";
import { DESCRIBE_ANNOTATION_CHANGE } from "./kinds/annotation-changes.ts";
import { pair } from "./pair.ts";
import type { Comparison } from "./version.ts";

/** A comparer of the members of one interface in two versions. */
export class MemberComparer {
  readonly #before: Interface;
  readonly #after: Interface;
  readonly #comparison: Comparison;

  constructor(before: Interface, after: Interface, comparison: Comparison) {
    this.#before = before;
    this.#after = after;
    this.#comparison = comparison;
  }

  compare(): void {
    const [before, after] = [this.#before, this.#after];
    const methods = pair(
      before.methods,
      after.methods,
      ({ name, in: args }) => `${name}(${signatureOf(args)})`,
      nameOf,
    );
    const signals = pair(before.signals, after.signals, ({ name, args }) => `${name}(${signatureOf(args)})`, nameOf);
    const properties = pair(before.properties, after.properties, nameOf);
    this.#reportUnpaired("method", methods.removed, methods.added);
    this.#reportUnpaired("signal", signals.removed, signals.added);
    this.#reportUnpaired("property", properties.removed, properties.added);
    for (const [old, now] of methods.kept) this.#compareMethods(old, now);
    for (const [old, now] of signals.kept) this.#compareSignals(old, now);
    for (const [old, now] of properties.kept) this.#compareProperties(old, now);
  }

  #reportUnpaired(
    kind: "method" | "signal" | "property",
    removed: readonly { readonly name: string; readonly span: Span }[],
    added: readonly { readonly name: string; readonly span: Span }[],
  ): void {
    const { changes } = this.#comparison;
    for (const { name, span } of removed) {
      const message = `the ${kind} "${name}" of ${this.#after.name} was removed`;
      changes.report(`${kind}-removed`, { before: span, near: this.#after.span }, message);
    }
    for (const { name, span } of added) {
      const message = `the ${kind} "${name}" of ${this.#after.name} was added`;
      changes.report(`${kind}-added`, { after: span }, message, ADDED_DETAILS[kind]);
    }
  }

  #compareMethods(old: Method, now: Method): void {
    const description = `the method "${now.name}"`;
    this.#compareDeclarations(description, old, now);
    this.#compareMethodErrors(old, now);
    this.#compareAnnotations(description, old, now);
    if (this.#reportMovedArguments(old, now)) return;
    this.#compareArguments("method-arguments", description, "takes", [old, old.in], [now, now.in], ["client"]);
    this.#compareArguments("method-results", description, "returns", [old, old.out], [now, now.out], ["service"]);
  }

  #compareSignals(old: Signal, now: Signal): void {
    const description = `the signal "${now.name}"`;
    this.#compareDeclarations(description, old, now);
    this.#compareArguments("signal-arguments", description, "has", [old, old.args], [now, now.args], ["service"]);
  }

  #compareProperties(old: Property, now: Property): void {
    const { changes, relation } = this.#comparison;
    const description = `the property "${now.name}"`;
    const spans = spansOf(old, now);
    this.#compareDeclarations(description, old, now);
    // Only setting a property can be privileged.
    const fields: readonly AnnotationField[] = now.access === "read" ? ["emits"] : ANNOTATION_FIELDS;
    this.#compareAnnotations(description, old, now, fields);
    if (!relation.isSameOnWire(old.type, now.type)) {
      const message = `${description} has type "${shorten(now.type.signature)}", had "${shorten(old.type.signature)}"`;
      changes.report("property-type", spans, message);
    } else {
      const providers: Providers = now.access === "read" ? ["service"] : ["client", "service"];
      compareValueTypes(description, [old.type, now.type], providers, spans, this.#comparison);
    }
    if (old.access !== now.access) {
      const message = `the access of ${description} is ${now.access}, was ${old.access}`;
      const hint = "override $beforeSet to check or reject the values that clients set";
      if (now.access === "readwrite") changes.report("access-widened", spans, message, { hint });
      else changes.report("access-narrowed", spans, message);
    }
  }

  #compareDeclarations(description: string, old: NamedMember & Annotated, now: NamedMember & Annotated): void {
    compareDeclarations(description, old, now, this.#comparison);
    const { before, after, changes } = this.#comparison;
    const [oldName, newName] = [before.names.member(old), after.names.member(now)];
    if (oldName === newName) return;
    const message = `${description} is called ${newName} in TypeScript, was ${oldName}`;
    changes.report("identifier-changed", spansOf(old, now), message);
  }

  #compareMethodErrors(old: Method, now: Method): void {
    const { changes } = this.#comparison;
    const { removed, added } = pair(old.errors, now.errors, nameOf);
    for (const { name, span } of removed) {
      const message = `${now.name} no longer names the error "${shorten(name)}"`;
      changes.report("method-error-removed", { before: span, near: now.span }, message);
    }
    for (const { name, span } of added)
      changes.report("method-error-added", { after: span }, `${now.name} may raise "${shorten(name)}"`);
  }

  #compareAnnotations(
    description: string,
    old: Positioned & AnnotationValues,
    now: Positioned & AnnotationValues,
    fields = ANNOTATION_FIELDS,
  ): void {
    for (const field of fields) {
      const [before, after] = [String(old[field]), String(now[field])];
      if (before === after) continue;
      const { code, message, hint } = DESCRIBE_ANNOTATION_CHANGE[field](description, before, after);
      this.#comparison.changes.report(code, spansOf(old, now), message, hint === undefined ? {} : { hint });
    }
  }

  /** Reports arguments that changed their direction. Returns whether there are any. */
  #reportMovedArguments(old: Method, now: Method): boolean {
    const moved = [
      ...movedArguments(old.in, now.in, now.out).map((argument) => ({ ...argument, direction: "output" })),
      ...movedArguments(old.out, now.out, now.in).map((argument) => ({ ...argument, direction: "input" })),
    ];
    for (const { before, after, direction } of moved) {
      const message = `the argument "${after.name}" of ${old.name} is an ${direction} now`;
      this.#comparison.changes.report("argument-direction", spansOf(before, after), message);
    }
    return moved.length > 0;
  }

  #compareArguments(
    code: ChangeCode,
    description: string,
    verb: string,
    [old, oldArgs]: readonly [Positioned, readonly Argument[]],
    [now, newArgs]: readonly [Positioned, readonly Argument[]],
    providers: Providers,
  ): void {
    const { changes, relation } = this.#comparison;
    const pairs = newArgs.flatMap((after, index) => {
      const before = oldArgs[index];
      return before === undefined ? [] : [[before, after] as const];
    });
    const isSame =
      oldArgs.length === newArgs.length &&
      pairs.every(([before, after]) => relation.isSameOnWire(before.type, after.type));
    if (!isSame) {
      const message = `${description} ${verb} (${shorten(signatureOf(newArgs))}), was (${shorten(signatureOf(oldArgs))})`;
      const first = pairs.find(([before, after]) => before.type.signature !== after.type.signature);
      changes.report(code, spansOf(first?.[0] ?? old, first?.[1] ?? now), message);
      return;
    }
    if (isReordered(oldArgs, newArgs)) {
      const message = `${description} ${verb} (${namesOf(newArgs)}), was (${namesOf(oldArgs)}), with the same signature`;
      changes.report("argument-order", spansOf(old, now), message);
      return;
    }
    for (const [before, after] of pairs) this.#compareArgument(description, before, after, providers);
  }

  #compareArgument(member: string, before: Argument, after: Argument, providers: Providers): void {
    const description = after.name === "" ? `an argument of ${member}` : `the argument "${after.name}" of ${member}`;
    const spans = spansOf(before, after);
    if (before.name !== after.name) {
      const message = before.name === "" ? `${description} had no name` : `${description} was called "${before.name}"`;
      this.#comparison.changes.report("argument-renamed", spans, message);
    }
    compareDeclarations(description, before, after, this.#comparison);
    compareValueTypes(description, [before.type, after.type], providers, spans, this.#comparison);
  }
}

interface Positioned {
  readonly span: Span;
}

interface Annotated extends Positioned {
  readonly annotations: Annotations;
}

const ADDED_DETAILS = {
  method: { hint: "services do not compile until they implement it" },
  signal: {},
  property: { hint: "services do not compile until they give it a value" },
} as const;

function nameOf({ name }: { readonly name: string }): string {
  return name;
}

/** Returns the arguments that were in one direction and are in the opposite direction only. */
function movedArguments(
  before: readonly Argument[],
  after: readonly Argument[],
  opposite: readonly Argument[],
): readonly { readonly before: Argument; readonly after: Argument }[] {
  return before.flatMap((argument) => {
    if (argument.name === "" || after.some(({ name }) => name === argument.name)) return [];
    const moved = opposite.find(({ name }) => name === argument.name);
    return moved === undefined ? [] : [{ before: argument, after: moved }];
  });
}

/** Returns whether arguments have the same names in another order. */
function isReordered(before: readonly Argument[], after: readonly Argument[]): boolean {
  const [oldNames, newNames] = [before.map(nameOf), after.map(nameOf)];
  if (oldNames.includes("") || new Set(oldNames).size !== oldNames.length) return false;
  if (oldNames.join(" ") === newNames.join(" ")) return false;
  return oldNames.toSorted().join(" ") === newNames.toSorted().join(" ");
}

function namesOf(args: readonly Argument[]): string {
  return args.map(({ name }) => shorten(name)).join(", ");
}
