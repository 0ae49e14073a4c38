import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import { groupBy } from "../group-by.ts";
import type { InterfaceOverlay, IntrospectedInterface, Introspection } from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import { InterfaceMerger } from "./interface-merger.ts";

/**
 * Returns specs whose interfaces are enriched by the overlays among them. Signatures do not change: an overlay that
 * contradicts its target is reported as an error. A declaration of an overlay that the target does not contain is
 * reported as a note.
 */
export function applyOverlays(specs: readonly Introspection[], diagnostics: Diagnostics): readonly Introspection[] {
  const overlays = specs.flatMap(({ overlay }) => overlay?.interfaces ?? []);
  if (overlays.length === 0) return specs;
  const byName = groupBy(overlays, ({ name }) => name.value);
  const merger = new InterfaceMerger(diagnostics);
  reportUnknownInterfaces(specs, overlays, diagnostics);
  const merge = (iface: IntrospectedInterface): IntrospectedInterface =>
    (byName.get(iface.name.value) ?? []).reduce((merged, overlay) => merger.merge(merged, overlay), iface);
  return specs.map((spec) => ({ ...spec, interfaces: spec.interfaces.map(merge) }));
}

function reportUnknownInterfaces(
  specs: readonly Introspection[],
  overlays: readonly InterfaceOverlay[],
  diagnostics: Diagnostics,
): void {
  const names = new Set(specs.flatMap(({ interfaces }) => interfaces.map(({ name }) => name.value)));
  for (const { name, isVersioned } of overlays) {
    if (isVersioned || names.has(name.value)) continue;
    diagnostics.report("overlay-unmatched", name.span, `no given spec has the interface "${shorten(name.value)}"`);
  }
}
