import type { Interface } from "../../compiler/resolve/ir.ts";
import { compareDeclared } from "./declared.ts";
import { MemberComparer } from "./members.ts";
import { pair } from "./pair.ts";
import type { Relation } from "./relation.ts";
import type { Versions } from "./version.ts";

/** Compares interfaces and all their members. */
export function compareInterfaces(versions: Versions, relation: Relation): void {
  const { before, after, changes } = versions;
  const { kept, removed, added } = pair(before.ir.interfaces, after.ir.interfaces, ({ name }) => name);
  for (const { name, span } of removed) {
    const hint = "serve it for a while beside what follows it";
    changes.report("interface-removed", { before: span }, `the interface "${name}" is gone`, { hint });
  }
  for (const { name, span } of added) {
    changes.report("interface-added", { after: span }, `the interface "${name}" is new`);
  }
  for (const [old, now] of kept) {
    compareDeclared(`the interface "${now.name}"`, old, now, versions);
    compareIdentifiers(old, now, versions);
    new MemberComparer(old, now, versions, relation).compare();
    compareRaised(old, now, versions);
  }
}

/** Names of the exports of an interface, which another type or interface may have taken. */
function compareIdentifiers(old: Interface, now: Interface, { before, after, changes }: Versions): void {
  const [was, is] = [before.names.interface(old), after.names.interface(now)];
  const places = { before: old.span, after: now.span };
  for (const key of ["module", "contract", "client", "service", "properties", "signals"] as const) {
    if (was[key] === is[key]) continue;
    const message = `the ${key} of "${now.name}" is called ${is[key]}, was ${was[key]}`;
    changes.report("identifier-changed", places, message);
  }
}

/** Errors that clients of an interface no longer get as instances of their class. */
function compareRaised(old: Interface, now: Interface, { after, changes }: Versions): void {
  const left = new Set(now.errors.map(({ name }) => name));
  const defined = new Set(after.ir.errorDomains.flatMap(({ errors }) => errors.map(({ name }) => name)));
  for (const { name } of old.errors) {
    if (left.has(name) || !defined.has(name)) continue;
    const hint = "clients get it as a DBusError of that name, and no longer as an instance of its class";
    const message = `no method of "${now.name}" names the error "${name}" any more`;
    changes.report("raised-error-removed", { before: old.span, after: now.span }, message, { hint });
  }
}
