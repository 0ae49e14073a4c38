import { isInterfaceName, isMemberName, MAX_NAME_LENGTH, MAX_SIGNATURE_LENGTH } from "@dbus-codegen-ts/runtime/grammar";
import type { Diagnostics } from "../diagnostics/diagnostic.ts";
import type {
  Annotation,
  IntrospectedArgument,
  IntrospectedInterface,
  IntrospectedMethod,
  IntrospectedProperty,
  IntrospectedSignal,
  PossibleError,
  Text,
} from "../read/introspection.ts";
import type {
  Annotations,
  Argument,
  Emits,
  ErrorDefinition,
  Interface,
  Method,
  MethodError,
  Property,
  Signal,
} from "./ir.ts";
import { readDoc } from "./markup.ts";
import { shorten } from "./signature.ts";
import { isAccess, type TypeTable } from "./types.ts";

const DEPRECATED = "org.freedesktop.DBus.Deprecated";
const NO_REPLY = "org.freedesktop.DBus.Method.NoReply";
const EMITS_CHANGED = "org.freedesktop.DBus.Property.EmitsChangedSignal";
const EMITS: readonly string[] = ["true", "invalidates", "const", "false"] satisfies readonly Emits[];

/** Checks and links the members of one interface. */
export class InterfaceResolver {
  readonly #types: TypeTable;
  readonly #errors: ReadonlyMap<string, ErrorDefinition>;
  readonly #folder: string;
  readonly #diagnostics: Diagnostics;

  constructor(
    types: TypeTable,
    errors: ReadonlyMap<string, ErrorDefinition>,
    folder: string,
    diagnostics: Diagnostics,
  ) {
    this.#types = types;
    this.#errors = errors;
    this.#folder = folder;
    this.#diagnostics = diagnostics;
  }

  resolve(raw: IntrospectedInterface, file: string): Interface | undefined {
    if (
      !this.#checkName(
        raw.name,
        isInterfaceName,
        "an interface name: two or more elements of letters, digits and underscores, separated by dots",
      )
    ) {
      return undefined;
    }
    const annotations = this.#annotations(raw.annotations);
    const emits = this.#emits(raw.annotations) ?? "true";
    const methods = raw.methods.flatMap((method) => this.#method(method));
    const signals = raw.signals.flatMap((signal) => this.#signal(signal));
    const properties = raw.properties.flatMap((property) => this.#property(property, emits));
    this.#checkRepeats("method", raw.methods, methods, (method) => `(${signatureOf(method.in)})`);
    this.#checkRepeats("signal", raw.signals, signals, (signal) => `(${signatureOf(signal.args)})`);
    this.#checkRepeats("property", raw.properties, properties, () => "");
    for (const attribute of raw.contactAttributes)
      this.#types.use(attribute.type, this.#folder, `the contact attribute "${shorten(attribute.name.value)}"`);
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
      doc: readDoc(raw.docs, new Map(annotations)),
      span: raw.name.span,
    };
  }

  #method(raw: IntrospectedMethod): readonly Method[] {
    const valid = this.#checkMember(raw.name, "method");
    const annotations = this.#annotations(raw.annotations);
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
    this.#checkLength(raw.name, inputs, "input");
    this.#checkLength(raw.name, outputs, "output");
    const noReply = this.#noReply(raw, outputs.length > 0);
    const errors = raw.errors.flatMap((error) => this.#methodError(error));
    if (!valid) return [];
    return [
      {
        name: raw.name.value,
        in: inputs,
        out: outputs,
        noReply,
        annotations,
        errors,
        doc: readDoc(raw.docs, new Map(annotations)),
        span: raw.name.span,
      },
    ];
  }

  #signal(raw: IntrospectedSignal): readonly Signal[] {
    const valid = this.#checkMember(raw.name, "signal");
    const annotations = this.#annotations(raw.annotations);
    for (const { direction } of raw.args) {
      if (direction === undefined || direction.value === "out") continue;
      this.#diagnostics.report(
        "direction",
        direction.span,
        `an argument of a signal has direction out or none, not "${shorten(direction.value)}"`,
      );
    }
    const args = raw.args.flatMap((arg) => this.#argument(arg, raw.name));
    this.#checkLength(raw.name, args, "signal");
    return valid
      ? [{ name: raw.name.value, args, annotations, doc: readDoc(raw.docs, new Map(annotations)), span: raw.name.span }]
      : [];
  }

  #property(raw: IntrospectedProperty, inherited: Emits): readonly Property[] {
    const valid = this.#checkMember(raw.name, "property");
    const annotations = this.#annotations(raw.annotations);
    const type = this.#types.use(raw.type, this.#folder, `property ${shorten(raw.name.value)}`);
    const access = raw.access.value;
    if (!isAccess(access)) {
      this.#diagnostics.report(
        "access",
        raw.access.span,
        `access "${shorten(access)}" is not read, write or readwrite`,
      );
      return [];
    }
    const emits = this.#emits(raw.annotations) ?? inherited;
    if (!valid || type === undefined) return [];
    return [
      {
        name: raw.name.value,
        type,
        access,
        emits,
        annotations,
        doc: readDoc(raw.docs, new Map(annotations)),
        span: raw.name.span,
      },
    ];
  }

  #argument(raw: IntrospectedArgument, member: Text): readonly Argument[] {
    const name = raw.name?.value ?? "";
    const what = `argument ${name === "" ? "" : `"${shorten(name)}" `}of ${shorten(member.value)}`;
    const type = this.#types.use(raw.type, this.#folder, what);
    const annotations = this.#annotations(raw.annotations);
    return type === undefined
      ? []
      : [{ name, type, annotations, doc: readDoc(raw.docs, new Map(annotations)), span: raw.name?.span ?? raw.span }];
  }

  #methodError({ name, docs }: PossibleError): readonly MethodError[] {
    if (!isInterfaceName(name.value)) {
      this.#diagnostics.report("name", name.span, `"${shorten(name.value)}" is not an error name`, {
        hint: "an error name is formed like an interface name",
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
      },
    ];
  }

  #annotations(raw: readonly Annotation[]): Annotations {
    const values = new Map<string, string>();
    for (const { name, value } of raw) {
      if (values.has(name.value)) {
        const message = `"${shorten(name.value)}" is given twice, the first value counts`;
        this.#diagnostics.report("annotation-value", name.span, message);
        continue;
      }
      values.set(name.value, value.value);
      if (name.value === DEPRECATED || name.value === NO_REPLY) this.#flag(name.value, value);
    }
    return [...values];
  }

  #flag(name: string, { value, span }: Text): void {
    if (value === "true" || value === "false") return;
    this.#diagnostics.report("annotation-value", span, `"${shorten(value)}" is not a value of ${name} and is ignored`, {
      hint: "use true or false",
    });
  }

  #emits(annotations: readonly Annotation[]): Emits | undefined {
    const found = annotations.find(({ name }) => name.value === EMITS_CHANGED);
    if (found === undefined) return undefined;
    const { value, span } = found.value;
    if (isEmits(value)) return value;
    this.#diagnostics.report(
      "annotation-value",
      span,
      `"${shorten(value)}" is not a value of ${EMITS_CHANGED} and is ignored`,
      {
        hint: `use one of ${EMITS.join(", ")}`,
      },
    );
    return undefined;
  }

  #noReply({ annotations }: IntrospectedMethod, hasOutputs: boolean): boolean {
    const found = annotations.find(({ name, value }) => name.value === NO_REPLY && value.value === "true");
    if (found === undefined || !hasOutputs) return found !== undefined;
    this.#diagnostics.report(
      "annotation-value",
      found.name.span,
      "a method with out arguments has a reply: NoReply is ignored",
      {
        hint: "remove the annotation or the out arguments",
      },
    );
    return false;
  }

  #checkMember(name: Text, kind: string): boolean {
    return this.#checkName(
      name,
      isMemberName,
      `a ${kind} name: letters, digits and underscores, not starting with a digit`,
    );
  }

  #checkName({ value, span }: Text, isValid: (name: string) => boolean, rule: string): boolean {
    if (isValid(value)) return true;
    const message =
      value.length > MAX_NAME_LENGTH
        ? `the name has ${value.length} characters, more than ${MAX_NAME_LENGTH}`
        : `"${shorten(value)}" is not ${rule}`;
    this.#diagnostics.report("name", span, message);
    return false;
  }

  #checkLength(member: Text, args: readonly Argument[], what: string): void {
    const { length } = signatureOf(args);
    if (length <= MAX_SIGNATURE_LENGTH) return;
    this.#diagnostics.report(
      "signature-length",
      member.span,
      `the ${what} arguments of ${shorten(member.value)} need a signature of ${length} characters, more than ${MAX_SIGNATURE_LENGTH}`,
      {
        hint: "put some of them into one struct or dictionary",
      },
    );
  }

  /** Two members of one name and kind: an overload if their signatures differ, else a duplicate. */
  #checkRepeats<T extends { readonly name: string }>(
    kind: "method" | "signal" | "property",
    raw: readonly { readonly name: Text }[],
    members: readonly T[],
    signature: (member: T) => string,
  ): void {
    const first = new Map<string, Text>();
    for (const { name } of raw) {
      const before = first.get(name.value);
      if (before === undefined) {
        first.set(name.value, name);
        continue;
      }
      const signatures = members.filter((member) => member.name === name.value).map(signature);
      const distinct = new Set(signatures).size === signatures.length && kind !== "property";
      const related = { message: "first defined here", span: before.span };
      if (!distinct)
        this.#diagnostics.report("duplicate", name.span, `the ${kind} "${shorten(name.value)}" is defined twice`, {
          related,
        });
      else {
        this.#diagnostics.report(
          "overload",
          name.span,
          `the ${kind} "${shorten(name.value)}" has several signatures: ${signatures.join(", ")}`,
          {
            related,
            hint: "D-Bus has no overloads; many bindings cannot call the second",
          },
        );
      }
    }
  }
}

function signatureOf(args: readonly Argument[]): string {
  return args.map(({ type }) => type.signature).join("");
}

function isEmits(text: string): text is Emits {
  return EMITS.includes(text);
}
