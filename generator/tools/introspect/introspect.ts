/**
 * Specs from running services.
 *
 * @packageDocumentation
 */

import type { Bus } from "@dbus-codegen-ts/runtime";
import type { Diagnostic } from "../../compiler/diagnostics/diagnostic.ts";
import type { Source } from "../../compiler/diagnostics/source.ts";
import { mergeObjects, specFileName } from "./merge-objects.ts";
import { type IntrospectOptions, readObjectTree } from "./object-tree.ts";
import { writeSpec } from "./spec-xml.ts";

export type { IntrospectOptions } from "./object-tree.ts";

/** The result of `introspect`. */
export interface IntrospectResult {
  /** A spec for each interface except the standard ones, in normal form. It can be passed to `generate`. */
  readonly specs: readonly (Source & { readonly content: string })[];
  /** All interfaces as one spec. */
  readonly document: string;
  /** Number of objects that returned a valid document. */
  readonly objects: number;
  /**
   * Reports of objects that could not be read, invalid documents, different definitions of an interface, and exceeded
   * limits.
   */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the interfaces of a running service, from an object downwards. The service is not trusted: its documents are
 * validated as specs are, and limits apply to the number and depth of objects. Problems of the service are diagnostics.
 *
 * @param name - Bus name of the service.
 * @param path - Path of the first object.
 * @throws DisconnectedError if the connection to the bus is lost.
 */
export async function introspect(
  bus: Pick<Bus, "call">,
  name: string,
  path = "/",
  options: IntrospectOptions = {},
): Promise<IntrospectResult> {
  const { objects, diagnostics } = await readObjectTree(bus, name, path, options);
  const merged = mergeObjects(objects);
  return {
    specs: merged.interfaces.map((iface) => ({ path: specFileName(iface.name), content: writeSpec([iface]) })),
    document: writeSpec(merged.interfaces),
    objects: new Set(objects.map((object) => object.path)).size,
    diagnostics: [...diagnostics, ...merged.diagnostics],
  };
}
