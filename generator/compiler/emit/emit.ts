import type { Names } from "../names/identifiers.ts";
import type { Interface, Ir } from "../resolve/ir.ts";
import { emitClient } from "./client.ts";
import { emitContract } from "./contract.ts";
import { emitError } from "./errors.ts";
import { emitProperties, emitSignals } from "./members.ts";
import type { FileModel } from "./model.ts";
import { emitNamedType } from "./named.ts";
import { emitService } from "./service.ts";
import { TypeEmitter } from "./type-emitter.ts";

/** The classes of an interface: what calls it, what serves it. */
export const TARGETS = ["client", "service"] as const;
export type EmitTarget = (typeof TARGETS)[number];

/** Turns what specs declare into modules, one at a time: one per interface, error domain and file of shared types. */
export function* emit(ir: Ir, names: Names, targets: readonly EmitTarget[] = TARGETS): Iterable<FileModel> {
  const types = new TypeEmitter(
    names,
    [...ir.interfaces, ...ir.shared].flatMap((home) => home.types),
  );
  for (const one of ir.interfaces) yield emitInterface(one, names, types, targets);
  for (const domain of ir.errorDomains) {
    const declarations = domain.errors.map((error) => emitError(error, names));
    yield { path: `${names.module(domain)}.ts`, from: baseName(domain.span.source.path), declarations };
  }
  for (const shared of ir.shared) {
    const declarations = shared.types.flatMap((type) => emitNamedType(type, names, types));
    yield { path: `${names.module(shared)}.ts`, from: baseName(shared.span.source.path), declarations };
  }
}

function emitInterface(one: Interface, names: Names, types: TypeEmitter, targets: readonly EmitTarget[]): FileModel {
  const own = names.interface(one);
  return {
    path: `${own.module}.ts`,
    from: one.file,
    declarations: [
      ...one.types.flatMap((type) => emitNamedType(type, names, types)),
      emitContract(one, names, types),
      ...emitProperties(one, names, types),
      ...emitSignals(one, names, types),
      ...(targets.includes("client") ? [emitClient(one, own, names, types)] : []),
      ...(targets.includes("service") ? [emitService(one, own, names, types, targets.includes("client"))] : []),
    ],
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
