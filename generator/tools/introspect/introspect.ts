/**
 * Specs from running services.
 *
 * @packageDocumentation
 */

import type { Bus } from "@dbus-codegen-ts/runtime";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { mergeObjects, specFileName } from "./merge-objects.ts";
import { writeSpec } from "./spec-xml.ts";
import { type WalkOptions, walk } from "./object-tree.ts";

export type { WalkOptions } from "./object-tree.ts";

/** What a running service has told. */
export interface Introspected {
  /** A spec for each interface but the standard ones, in normal form, by file name; `generate` takes them. */
  readonly specs: readonly (Source & { readonly content: string })[];
  /** The same as one spec. */
  readonly document: string;
  /** How many objects have answered. */
  readonly objects: number;
  /** What could not be read or is not valid, objects that differ in an interface, and limits that were reached. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads what a running service offers, from an object downwards. The service is not trusted: its documents are read as
 * specs are, and however many objects it names, it ends. What the service does wrong is a diagnostic.
 *
 * @param name - Bus name of the service.
 * @param path - Object to begin with.
 * @throws DisconnectedError when the connection to the bus is lost.
 */
export async function introspect(
  bus: Pick<Bus, "call">,
  name: string,
  path = "/",
  options: WalkOptions = {},
): Promise<Introspected> {
  const { objects, diagnostics } = await walk(bus, name, path, options);
  const merged = mergeObjects(objects);
  return {
    specs: merged.interfaces.map((one) => ({ path: specFileName(one.name), content: writeSpec([one]) })),
    document: writeSpec(merged.interfaces),
    objects: new Set(objects.map((object) => object.path)).size,
    diagnostics: [...diagnostics, ...merged.diagnostics],
  };
}
