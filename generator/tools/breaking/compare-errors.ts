import { spansOf } from "./change.ts";
import { compareDeclarations } from "./compare-declarations.ts";
import { pair } from "./pair.ts";
import type { Comparison, Version } from "./version.ts";

/** Compares the errors that specs define. */
export function compareErrors(comparison: Comparison): void {
  const { before, after, changes } = comparison;
  const { kept, removed, added } = pair(errorsOf(before), errorsOf(after), ({ name }) => name);
  const domains = new Map(after.ir.errorDomains.map((errorDomain) => [errorDomain.name, errorDomain]));
  for (const { name, domain, span } of removed) {
    const near = domains.get(domain)?.span;
    const hint = "keep its definition: code that throws or catches the error uses its class";
    changes.report("error-removed", { before: span, ...(near && { near }) }, `the error "${name}" was removed`, {
      hint,
    });
  }
  for (const { name, span } of added) changes.report("error-added", { after: span }, `the error "${name}" was added`);
  for (const [old, now] of kept) {
    compareDeclarations(`the error "${now.name}"`, old, now, comparison);
    const [oldClass, newClass] = [before.names.error(old).name, after.names.error(now).name];
    if (oldClass === newClass) continue;
    const message = `the class of the error "${now.name}" is called ${newClass}, was ${oldClass}`;
    changes.report("identifier-changed", spansOf(old, now), message);
  }
}

function errorsOf({ ir }: Version): Version["ir"]["errorDomains"][number]["errors"] {
  return ir.errorDomains.flatMap(({ errors }) => errors);
}
