import { compareDeclared } from "./declared.ts";
import { pair } from "./pair.ts";
import type { Version, Versions } from "./version.ts";

/** Compares the errors that specs define. */
export function compareErrors(versions: Versions): void {
  const { before, after, changes } = versions;
  const { kept, removed, added } = pair(errorsOf(before), errorsOf(after), ({ name }) => name);
  for (const { name, domain, span } of removed) {
    const near = after.ir.errorDomains.find((one) => one.name === domain)?.span;
    const message = `the error "${name}" is gone`;
    const hint = "keep its definition: code that catches or throws it names its class";
    changes.report("error-removed", { before: span, ...(near && { near }) }, message, { hint });
  }
  for (const { name, span } of added) changes.report("error-added", { after: span }, `the error "${name}" is new`);
  for (const [old, now] of kept) {
    compareDeclared(`the error "${now.name}"`, old, now, versions);
    const [was, is] = [before.names.error(old).name, after.names.error(now).name];
    if (was === is) continue;
    const message = `the class of the error "${now.name}" is called ${is}, was ${was}`;
    changes.report("identifier-changed", { before: old.span, after: now.span }, message);
  }
}

function errorsOf({ ir }: Version): Version["ir"]["errorDomains"][number]["errors"] {
  return ir.errorDomains.flatMap(({ errors }) => errors);
}
