import { CONTRACT_VERSION } from "@dbus-codegen-ts/runtime/grammar";
import type { Names } from "../names/identifiers.ts";
import type { Annotations, Argument, Interface, Method, Property, Signal } from "../resolve/ir.ts";
import { docOrSentence } from "./doc-comments.ts";
import {
  type Code,
  type ConstDeclaration,
  code,
  list,
  literal,
  object,
  runtimeType,
  text,
  type Value,
  type ValueField,
} from "./file-model.ts";
import type { TypeEmitter } from "./type-emitter.ts";

/** Returns the contract of an interface: wire names, signatures, argument names, annotations and errors as data. */
export function emitContract(iface: Interface, names: Names, types: TypeEmitter): ConstDeclaration {
  const byIdentifier = <T extends Method | Signal | Property>(
    members: readonly T[],
    emit: (member: T) => Value,
  ): Value | undefined => {
    if (members.length === 0) return undefined;
    const fields = members.map((member): ValueField => ({ name: names.member(member), value: emit(member) }));
    return { kind: "object", fields };
  };
  const errors = iface.errors.map((error): Code => {
    const { module, name } = names.error(error);
    return { name, from: { kind: "generated", module }, isType: false };
  });
  return {
    kind: "const",
    name: names.interface(iface).contract,
    doc: docOrSentence(iface.doc, `Contract of \`${iface.name}\`.`),
    value: object({
      version: literal(CONTRACT_VERSION),
      name: text(iface.name),
      methods: byIdentifier(iface.methods, (method) => emitMethod(method, types)),
      signals: byIdentifier(iface.signals, (signal) =>
        object({
          name: text(signal.name),
          args: emitArguments(signal.args, types),
          annotations: emitAnnotations(signal.annotations),
        }),
      ),
      properties: byIdentifier(iface.properties, (property) => emitProperty(property, types)),
      annotations: emitAnnotations(iface.annotations),
      errors: errors.length === 0 ? undefined : errorList(errors),
    }),
  };
}

/**
 * Returns code for a list of error classes. Its type is written explicitly, so that compilers can make declaration
 * files from each module alone (`isolatedDeclarations`).
 */
function errorList(errors: readonly Code[]): Value {
  return code([{ open: "[", items: errors, close: "]" }, " as readonly ", runtimeType("DBusErrorClass"), "[]"]);
}

function emitMethod(method: Method, types: TypeEmitter): Value {
  return object({
    name: text(method.name),
    in: emitArguments(method.in, types),
    out: emitArguments(method.out, types),
    noReply: method.noReply ? literal(true) : undefined,
    annotations: emitAnnotations(method.annotations),
  });
}

function emitProperty({ name, type, access, emits, annotations }: Property, types: TypeEmitter): Value {
  return object({
    name: text(name),
    type: text(type.signature),
    access: text(access),
    emits: text(emits),
    as: types.shapeOf(type),
    annotations: emitAnnotations(annotations),
  });
}

function emitArguments(args: readonly Argument[], types: TypeEmitter): Value {
  return list(
    args.map(({ name, type, annotations }) =>
      object({
        name: name === "" ? undefined : text(name),
        type: text(type.signature),
        as: types.shapeOf(type),
        annotations: emitAnnotations(annotations),
      }),
    ),
  );
}

function emitAnnotations(annotations: Annotations): Value | undefined {
  if (annotations.length === 0) return undefined;
  return { kind: "object", fields: annotations.map(([name, value]) => ({ name, value: text(value) })) };
}
