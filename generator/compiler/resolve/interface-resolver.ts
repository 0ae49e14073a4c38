import { isErrorName } from "@dbus-codegen-ts/runtime/grammar";
import type { Advice, Diagnostics } from "../diagnostics/diagnostic.ts";
import type {
  IntrospectedArgument,
  IntrospectedInterface,
  IntrospectedMethod,
  IntrospectedProperty,
  IntrospectedSignal,
  PossibleError,
  Text,
} from "../read/introspection.ts";
import { shorten } from "../text/shorten.ts";
import { isAccess } from "./access.ts";
import { methodAnnotations, propertyAnnotations } from "./annotation-table.ts";
import type { Argument, ErrorDefinition, Interface, Method, MethodError, Property, Signal } from "./ir.ts";
import { readDoc } from "./markup.ts";
import { readAnnotations, validateNoReply } from "./read-annotations.ts";
import { signatureOf } from "./signature.ts";
import type { TypeTable } from "./type-table.ts";
import {
  reportRepeatedMembers,
  validateInterfaceName,
  validateMemberName,
  validatePropertyName,
  validateSignatureLength,
} from "./validate.ts";

/** Converts one interface of the introspection model to the IR: validates its members and links their types and errors. */
export class InterfaceResolver {
  readonly #types: TypeTable;
  readonly #errors: ReadonlyMap<string, ErrorDefinition>;
  readonly #diagnostics: Diagnostics;

  constructor(types: TypeTable, errors: ReadonlyMap<string, ErrorDefinition>, diagnostics: Diagnostics) {
    this.#types = types;
    this.#errors = errors;
    this.#diagnostics = diagnostics;
  }

  /** Returns the interface, or undefined if its name is invalid. Invalid members are reported and left out. */
  resolve(raw: IntrospectedInterface, file: string): Interface | undefined {
    if (!validateInterfaceName(raw.name, this.#diagnostics)) return undefined;
    const annotations = readAnnotations(raw.annotations, this.#diagnostics);
    const ofInterface = new Map(annotations);
    const methods = raw.methods.flatMap((method) => this.#method(method, ofInterface));
    const signals = raw.signals.flatMap((signal) => this.#signal(signal));
    const properties = raw.properties.flatMap((property) => this.#property(property, ofInterface));
    reportRepeatedMembers("method", raw.methods, methods, (method) => `(${signatureOf(method.in)})`, this.#diagnostics);
    reportRepeatedMembers(
      "signal",
      raw.signals,
      signals,
      (signal) => `(${signatureOf(signal.args)})`,
      this.#diagnostics,
    );
    reportRepeatedMembers("property", raw.properties, properties, () => "", this.#diagnostics);
    for (const attribute of raw.contactAttributes)
      this.#types.use(attribute.type, `the contact attribute "${shorten(attribute.name.value)}"`);
    const errors = new Map(
      methods.flatMap((method) =>
        method.errors.flatMap(({ definition }) => (definition ? [[definition.name, definition]] : [])),
      ),
    );
    return {
      name: raw.name.value,
      file,
      methods,
      signals,
      properties,
      annotations,
      types: raw.types.flatMap((type) => this.#types.resolve(type) ?? []),
      errors: [...errors.values()],
      doc: readDoc(raw.docs, ofInterface),
      span: raw.name.span,
    };
  }

  #method(raw: IntrospectedMethod, ofInterface: ReadonlyMap<string, string>): readonly Method[] {
    const isValid = validateMemberName(raw.name, "method", this.#diagnostics);
    const annotations = readAnnotations(raw.annotations, this.#diagnostics);
    const inputs: Argument[] = [];
    const outputs: Argument[] = [];
    for (const arg of raw.args) {
      const direction = arg.direction?.value ?? "in";
      if (direction !== "in" && direction !== "out") {
        this.#diagnostics.report(
          "direction",
          arg.direction?.span ?? arg.span,
          `direction "${shorten(direction)}" is not in or out`,
        );
      }
      (direction === "out" ? outputs : inputs).push(...this.#argument(arg, raw.name));
    }
    validateSignatureLength(raw.name, inputs, "input", this.#diagnostics);
    validateSignatureLength(raw.name, outputs, "output", this.#diagnostics);
    if (outputs.length > 0) validateNoReply(raw, this.#diagnostics);
    const errors = raw.errors.flatMap((error) => this.#methodError(error));
    if (!isValid) return [];
    const values = new Map(annotations);
    return [
      {
        name: raw.name.value,
        in: inputs,
        out: outputs,
        ...methodAnnotations(values, ofInterface, outputs.length > 0),
        annotations,
        errors,
        doc: readDoc(raw.docs, values),
        span: raw.name.span,
      },
    ];
  }

  #signal(raw: IntrospectedSignal): readonly Signal[] {
    const isValid = validateMemberName(raw.name, "signal", this.#diagnostics);
    const annotations = readAnnotations(raw.annotations, this.#diagnostics);
    for (const { direction } of raw.args) {
      if (direction === undefined || direction.value === "out") continue;
      const message = `the direction of a signal argument is out, not "${shorten(direction.value)}"`;
      this.#diagnostics.report(direction.value === "in" ? "signal-direction" : "direction", direction.span, message);
    }
    const args = raw.args.flatMap((arg) => this.#argument(arg, raw.name));
    validateSignatureLength(raw.name, args, "signal", this.#diagnostics);
    return isValid
      ? [{ name: raw.name.value, args, annotations, doc: readDoc(raw.docs, new Map(annotations)), span: raw.name.span }]
      : [];
  }

  #property(raw: IntrospectedProperty, ofInterface: ReadonlyMap<string, string>): readonly Property[] {
    const isValid = validatePropertyName(raw.name, this.#diagnostics);
    const annotations = readAnnotations(raw.annotations, this.#diagnostics);
    const type = this.#types.use(raw.type, `property ${shorten(raw.name.value)}`);
    const access = raw.access.value;
    if (!isAccess(access)) {
      this.#diagnostics.report(
        "access",
        raw.access.span,
        `access "${shorten(access)}" is not read, write or readwrite`,
        accessAdvice(access),
      );
      return [];
    }
    if (!isValid || type === undefined) return [];
    const values = new Map(annotations);
    return [
      {
        name: raw.name.value,
        type,
        access,
        ...propertyAnnotations(values, ofInterface),
        annotations,
        doc: readDoc(raw.docs, values),
        span: raw.name.span,
      },
    ];
  }

  #argument(raw: IntrospectedArgument, member: Text): readonly Argument[] {
    const name = raw.name?.value ?? "";
    const owner = `argument ${name === "" ? "" : `"${shorten(name)}" `}of ${shorten(member.value)}`;
    const type = this.#types.use(raw.type, owner);
    const annotations = readAnnotations(raw.annotations, this.#diagnostics);
    return type === undefined
      ? []
      : [{ name, type, annotations, doc: readDoc(raw.docs, new Map(annotations)), span: raw.name?.span ?? raw.span }];
  }

  #methodError({ name, docs }: PossibleError): readonly MethodError[] {
    if (!isErrorName(name.value)) {
      this.#diagnostics.report("name", name.span, `"${shorten(name.value)}" is not an error name`, {
        hint: "an error name has the same form as an interface name",
      });
      return [];
    }
    const definition = this.#errors.get(name.value);
    const doc = readDoc(docs);
    return [
      {
        name: name.value,
        ...(definition && { definition }),
        doc: doc.blocks.length === 0 && definition ? definition.doc : doc,
        span: name.span,
      },
    ];
  }
}

/** Returns a hint about the access that an invalid word, such as `rw`, probably means. */
function accessAdvice(access: string): Advice {
  const letters = access.toLowerCase().replace(/[^a-z]/g, "");
  if (["rw", "wr", "readandwrite", "writeread"].includes(letters) || letters === "readwrite")
    return { hint: 'write access="readwrite"' };
  if (["r", "ro", "readonly"].includes(letters)) return { hint: 'write access="read"' };
  return ["w", "wo", "writeonly"].includes(letters) ? { hint: 'write access="write"' } : {};
}
