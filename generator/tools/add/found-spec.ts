import type { Interface } from "../../compiler/resolve/ir.ts";

/** An interface of a service and the place where it was found. */
export interface FoundSpec {
  readonly iface: Interface;
  readonly origin: Origin;
  /** Text of the spec as it was found, with documentation; absent if the text also describes other interfaces. */
  readonly text?: string;
}

/** The place of a spec: a file of an installed package, a running service, or the catalogue. */
export type Origin =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "service"; readonly name: string; readonly bus: string }
  | { readonly kind: "catalogue"; readonly version: string };
