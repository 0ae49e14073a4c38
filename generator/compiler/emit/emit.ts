import type { Names } from "../names/identifiers.ts";
import type { Interface, Ir } from "../resolve/ir.ts";
import { emitClient } from "./client.ts";
import { emitContract } from "./contract.ts";
import { emitError } from "./error-class.ts";
import type { FileModel } from "./file-model.ts";
import { emitProperties, emitSignals } from "./member-types.ts";
import { emitNamedType } from "./named-types.ts";
import { emitService } from "./service.ts";
import { TypeEmitter } from "./type-emitter.ts";

/** The kinds of classes that can be generated for an interface. */
export const TARGETS = ["client", "service"] as const;
export type EmitTarget = (typeof TARGETS)[number];

/** Yields the generated modules: one for each interface, error domain and file of shared types. */
export function* emit(ir: Ir, names: Names, targets: readonly EmitTarget[] = TARGETS): Iterable<FileModel> {
  const types = new TypeEmitter(
    names,
    [...ir.interfaces, ...ir.shared].flatMap((home) => home.types),
  );
  for (const iface of ir.interfaces) yield emitInterface(iface, names, types, targets);
  for (const domain of ir.errorDomains) {
    const declarations = domain.errors.map((error) => emitError(error, names));
    yield { path: `${names.module(domain)}.ts`, from: baseName(domain.span.source.path), declarations };
  }
  for (const shared of ir.shared) {
    const declarations = shared.types.flatMap((type) => emitNamedType(type, names, types));
    yield { path: `${names.module(shared)}.ts`, from: baseName(shared.span.source.path), declarations };
  }
}

function emitInterface(iface: Interface, names: Names, types: TypeEmitter, targets: readonly EmitTarget[]): FileModel {
  const ifaceNames = names.interface(iface);
  return {
    path: `${ifaceNames.module}.ts`,
    from: iface.file,
    declarations: [
      ...iface.types.flatMap((type) => emitNamedType(type, names, types)),
      emitContract(iface, names, types),
      ...emitProperties(iface, names, types),
      ...emitSignals(iface, names, types),
      ...(targets.includes("client") ? [emitClient(iface, ifaceNames, names, types)] : []),
      ...(targets.includes("service")
        ? [emitService(iface, ifaceNames, names, types, targets.includes("client"))]
        : []),
    ],
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
