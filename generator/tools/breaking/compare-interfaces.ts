import type { Interface } from "../../compiler/resolve/ir.ts";
import { spansOf } from "./change.ts";
import { compareDeclarations } from "./compare-declarations.ts";
import { MemberComparer } from "./compare-members.ts";
import { pair } from "./pair.ts";
import type { Comparison } from "./version.ts";

/** Compares interfaces and all their members. */
export function compareInterfaces(comparison: Comparison): void {
  const { before, after, changes } = comparison;
  const { kept, removed, added } = pair(before.ir.interfaces, after.ir.interfaces, ({ name }) => name);
  for (const { name, span } of removed) {
    const hint = "serve it beside its successor until no client uses it";
    changes.report("interface-removed", { before: span }, `the interface "${name}" was removed`, { hint });
  }
  for (const { name, span } of added)
    changes.report("interface-added", { after: span }, `the interface "${name}" was added`);
  for (const [old, now] of kept) {
    compareDeclarations(`the interface "${now.name}"`, old, now, comparison);
    compareIdentifiers(old, now, comparison);
    new MemberComparer(old, now, comparison).compare();
    compareRaisedErrors(old, now, comparison);
  }
}

/** Compares the names of the exports of an interface. A name can change because another declaration has taken it. */
function compareIdentifiers(old: Interface, now: Interface, { before, after, changes }: Comparison): void {
  const [oldNames, newNames] = [before.names.interface(old), after.names.interface(now)];
  for (const key of ["module", "contract", "client", "service", "properties", "signals"] as const) {
    if (oldNames[key] === newNames[key]) continue;
    const message = `the ${key} of "${now.name}" is called ${newNames[key]}, was ${oldNames[key]}`;
    changes.report("identifier-changed", spansOf(old, now), message);
  }
}

/** Reports errors that clients of an interface no longer receive as instances of their classes. */
function compareRaisedErrors(old: Interface, now: Interface, { after, changes }: Comparison): void {
  const raised = new Set(now.errors.map(({ name }) => name));
  for (const { name } of old.errors) {
    if (raised.has(name) || !after.errorNames.has(name)) continue;
    const hint = "clients receive it as a DBusError with this name instead of an instance of its class";
    const message = `no method of "${now.name}" names the error "${name}" any more`;
    changes.report("raised-error-removed", spansOf(old, now), message, { hint });
  }
}
