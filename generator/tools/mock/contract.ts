import {
  type Annotations as AnnotationRecord,
  type Argument as ArgumentContract,
  CONTRACT_VERSION,
  type InterfaceContract,
} from "@dbus-codegen-ts/runtime";
import type { Annotations, Argument, Interface } from "../../compiler/resolve/ir.ts";
import { signatureOf } from "../../compiler/resolve/signature.ts";

/**
 * Returns the contract of an interface without generated code. Values have the shapes of their signatures. The keys of
 * methods and signals are their names with types, such as `Play(s)`; the keys of properties are their names.
 */
export function contractOf({ name, methods, signals, properties, annotations }: Interface): InterfaceContract {
  return {
    version: CONTRACT_VERSION,
    name,
    methods: Object.fromEntries(
      methods.map((method) => [
        memberKey(method.name, method.in),
        {
          name: method.name,
          in: argumentsOf(method.in),
          out: argumentsOf(method.out),
          ...(method.noReply && { noReply: true }),
          annotations: recordOf(method.annotations),
        },
      ]),
    ),
    signals: Object.fromEntries(
      signals.map((signal) => [
        memberKey(signal.name, signal.args),
        { name: signal.name, args: argumentsOf(signal.args), annotations: recordOf(signal.annotations) },
      ]),
    ),
    properties: Object.fromEntries(
      properties.map(({ name: key, type, access, emits, annotations: notes }) => [
        key,
        { name: key, type: type.signature, access, emits, annotations: recordOf(notes) },
      ]),
    ),
    annotations: recordOf(annotations),
  };
}

/** Returns the key of a method or signal in the contract from `contractOf`. */
export function memberKey(name: string, args: readonly Argument[]): string {
  return `${name}(${signatureOf(args)})`;
}

function argumentsOf(args: readonly Argument[]): readonly ArgumentContract[] {
  return args.map(({ name, type, annotations }) => ({
    ...(name !== "" && { name }),
    type: type.signature,
    annotations: recordOf(annotations),
  }));
}

function recordOf(annotations: Annotations): AnnotationRecord {
  return Object.fromEntries(annotations);
}
