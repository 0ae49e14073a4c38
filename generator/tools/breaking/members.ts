import type { Span } from "../../compiler/diagnostics/source.ts";
import type { NamedMember } from "../../compiler/names/identifiers.ts";
import { signatureOf } from "../../compiler/resolve/checks.ts";
import type { Annotations, Argument, Emits, Interface, Method, Property, Signal } from "../../compiler/resolve/ir.ts";
import { shorten } from "../../compiler/text/shorten.ts";
import { type ChangeCode, placesOf } from "./changes.ts";
import { compareDeclared } from "./declared.ts";
import { pair } from "./pair.ts";
import type { Relation } from "./relation.ts";
import { compareUse, type Givers } from "./uses.ts";
import type { Versions } from "./version.ts";

const PRIVILEGED = "org.freedesktop.systemd1.Privileged";

/** Compares the members of one interface in two versions. */
export class MemberComparer {
  readonly #before: Interface;
  readonly #after: Interface;
  readonly #versions: Versions;
  readonly #relation: Relation;

  constructor(before: Interface, after: Interface, versions: Versions, relation: Relation) {
    this.#before = before;
    this.#after = after;
    this.#versions = versions;
    this.#relation = relation;
  }

  compare(): void {
    const [before, after] = [this.#before, this.#after];
    const name = (one: { readonly name: string }): string => one.name;
    const methods = pair(before.methods, after.methods, (one) => `${one.name}(${signatureOf(one.in)})`, name);
    const signals = pair(before.signals, after.signals, (one) => `${one.name}(${signatureOf(one.args)})`, name);
    const properties = pair(before.properties, after.properties, name);
    this.#report("method", methods.removed, methods.added);
    this.#report("signal", signals.removed, signals.added);
    this.#report("property", properties.removed, properties.added);
    for (const [old, now] of methods.kept) this.#method(old, now);
    for (const [old, now] of signals.kept) this.#signal(old, now);
    for (const [old, now] of properties.kept) this.#property(old, now);
  }

  #report(
    kind: "method" | "signal" | "property",
    removed: readonly { readonly name: string; readonly span: Span }[],
    added: readonly { readonly name: string; readonly span: Span }[],
  ): void {
    const { changes } = this.#versions;
    const of = `of ${this.#after.name}`;
    for (const { name, span } of removed)
      changes.report(
        `${kind}-removed`,
        { before: span, near: this.#after.span },
        `the ${kind} "${name}" ${of} is gone`,
      );
    for (const { name, span } of added)
      changes.report(`${kind}-added`, { after: span }, `the ${kind} "${name}" ${of} is new`, { ...ADDED[kind] });
  }

  #method(old: Method, now: Method): void {
    const what = `the method "${now.name}"`;
    this.#declared(what, old, now);
    this.#methodErrors(old, now);
    this.#privilege(what, old, now);
    if (old.noReply !== now.noReply) {
      const code = now.noReply ? "no-reply-added" : "no-reply-removed";
      const message = now.noReply ? `${what} no longer replies` : `${what} replies now`;
      this.#versions.changes.report(code, placesOf(old, now), message);
    }
    if (this.#directions(old, now)) return;
    this.#args("method-arguments", what, "takes", [old, old.in], [now, now.in], ["client"]);
    this.#args("method-results", what, "gives", [old, old.out], [now, now.out], ["service"]);
  }

  #signal(old: Signal, now: Signal): void {
    const what = `the signal "${now.name}"`;
    this.#declared(what, old, now);
    this.#args("signal-arguments", what, "carries", [old, old.args], [now, now.args], ["service"]);
  }

  #property(old: Property, now: Property): void {
    const { changes } = this.#versions;
    const what = `the property "${now.name}"`;
    const places = placesOf(old, now);
    this.#declared(what, old, now);
    if (now.access !== "read") this.#privilege(what, old, now);
    if (!this.#relation.isSameOnWire(old.type, now.type)) {
      const message = `${what} has type "${shorten(now.type.signature)}", had "${shorten(old.type.signature)}"`;
      changes.report("property-type", places, message);
    } else {
      const givers: Givers = now.access === "read" ? ["service"] : ["client", "service"];
      compareUse(what, [old.type, now.type], givers, places, this.#versions, this.#relation);
    }
    if (old.access !== now.access) {
      const code = now.access === "readwrite" ? "access-widened" : "access-narrowed";
      const hint =
        now.access === "readwrite" ? { hint: "override $beforeSet to refuse or check what clients set" } : {};
      changes.report(code, places, `the access of ${what} is ${now.access}, was ${old.access}`, hint);
    }
    if (old.emits !== now.emits) {
      const code = KEEPS[old.emits].includes(now.emits) ? "emits-strengthened" : "emits-weakened";
      changes.report(code, places, `EmitsChangedSignal of ${what} is ${now.emits}, was ${old.emits}`);
    }
  }

  #declared(what: string, old: NamedMember & Annotated, now: NamedMember & Annotated): void {
    compareDeclared(what, old, now, this.#versions);
    const { before, after, changes } = this.#versions;
    const [was, is] = [before.names.member(old), after.names.member(now)];
    if (was === is) return;
    changes.report("identifier-changed", placesOf(old, now), `${what} is called ${is} in TypeScript, was ${was}`);
  }

  #methodErrors(old: Method, now: Method): void {
    const { changes } = this.#versions;
    const { removed, added } = pair(old.errors, now.errors, ({ name }) => name);
    for (const { name, span } of removed) {
      const message = `${now.name} no longer names the error "${shorten(name)}"`;
      changes.report("method-error-removed", { before: span, near: now.span }, message);
    }
    for (const { name, span } of added)
      changes.report("method-error-added", { after: span }, `${now.name} may raise "${shorten(name)}"`);
  }

  #privilege(what: string, old: Annotated, now: Annotated): void {
    const [was, is] = [isPrivileged(old, this.#before), isPrivileged(now, this.#after)];
    if (was === is) return;
    const code = is ? "privileged-added" : "privileged-removed";
    const message = is
      ? `${what} is denied to callers that the service does not allow`
      : `${what} is open to all callers`;
    const hint = is ? "override $authorize in the service" : "override $authorize to keep it closed";
    this.#versions.changes.report(code, placesOf(old, now), message, { hint });
  }

  /** Reports arguments that moved between in and out; whether there are any. */
  #directions(old: Method, now: Method): boolean {
    const { changes } = this.#versions;
    const moved = (
      from: readonly Argument[],
      to: readonly Argument[],
      other: readonly Argument[],
      now: string,
    ): boolean => {
      const found = from.flatMap((was) => {
        const is = was.name === "" ? undefined : to.find(({ name }) => name === was.name);
        return is === undefined || other.some(({ name }) => name === was.name) ? [] : [{ was, is }];
      });
      for (const { was, is } of found)
        changes.report(
          "argument-direction",
          placesOf(was, is),
          `the argument "${is.name}" of ${old.name} goes ${now} now`,
        );
      return found.length > 0;
    };
    const out = moved(old.in, now.out, now.in, "out");
    return moved(old.out, now.in, now.out, "in") || out;
  }

  #args(
    code: ChangeCode,
    what: string,
    verb: string,
    [old, before]: readonly [Placed, readonly Argument[]],
    [now, after]: readonly [Placed, readonly Argument[]],
    givers: Givers,
  ): void {
    const { changes } = this.#versions;
    const pairs = after.flatMap((is, index) => {
      const was = before[index];
      return was === undefined ? [] : [[was, is] as const];
    });
    const same =
      before.length === after.length && pairs.every(([was, is]) => this.#relation.isSameOnWire(was.type, is.type));
    if (!same) {
      const message = `${what} ${verb} (${shorten(signatureOf(after))}), was (${shorten(signatureOf(before))})`;
      const first = pairs.find(([was, is]) => was.type.signature !== is.type.signature);
      changes.report(code, placesOf(first?.[0] ?? old, first?.[1] ?? now), message);
      return;
    }
    if (isReordered(before, after)) {
      const message = `${what} ${verb} (${namesOf(after)}), was (${namesOf(before)}): same signature, other meaning`;
      changes.report("argument-order", placesOf(old, now), message);
      return;
    }
    for (const [was, is] of pairs) this.#argument(what, was, is, givers);
  }

  #argument(of: string, was: Argument, is: Argument, givers: Givers): void {
    const what = is.name === "" ? `an argument of ${of}` : `the argument "${is.name}" of ${of}`;
    const places = placesOf(was, is);
    if (was.name !== is.name) {
      const message = was.name === "" ? `${what} had no name` : `${what} was called "${was.name}"`;
      this.#versions.changes.report("argument-renamed", places, message);
    }
    compareDeclared(what, was, is, this.#versions);
    compareUse(what, [was.type, is.type], givers, places, this.#versions, this.#relation);
  }
}

interface Placed {
  readonly span: Span;
}

interface Annotated extends Placed {
  readonly annotations: Annotations;
}

const ADDED = {
  method: { hint: "a service does not compile without it" },
  signal: {},
  property: { hint: "a service does not compile without a value for it" },
} as const;

/** What a property may promise so that whoever relied on an earlier promise still can. */
const KEEPS: Readonly<Record<Emits, readonly Emits[]>> = {
  const: [],
  true: ["const"],
  invalidates: ["true", "const"],
  false: ["true", "invalidates", "const"],
};

function isPrivileged({ annotations }: Annotated, of: Interface): boolean {
  const value = new Map(annotations).get(PRIVILEGED) ?? new Map(of.annotations).get(PRIVILEGED);
  return value === "true";
}

/** Whether the same names stand in another order. */
function isReordered(before: readonly Argument[], after: readonly Argument[]): boolean {
  const [was, is] = [before.map(({ name }) => name), after.map(({ name }) => name)];
  if (was.includes("") || new Set(was).size !== was.length || was.join(" ") === is.join(" ")) return false;
  return was.toSorted().join(" ") === is.toSorted().join(" ");
}

function namesOf(args: readonly Argument[]): string {
  return args.map(({ name }) => shorten(name)).join(", ");
}
