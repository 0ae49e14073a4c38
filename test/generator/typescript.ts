import { createRequire } from "node:module";

/**
 * The compiler API that the generator loads, too: a second copy would take each worker a third of a second. Loaded by
 * `require`, because an import first searches ten megabytes of CommonJS for exports.
 */
export const ts: typeof import("typescript") = createRequire(import.meta.url)("ts-morph").ts;
