import { EMITS_CHANGED_SIGNAL, NO_REPLY } from "../annotation-names.ts";
import type { Argument, MethodContract, PropertyContract, SignalContract } from "../contract.ts";
import { MAX_INTERFACES } from "../quotas.ts";
import type { Steps } from "../wire/codec.ts";
import { excerpt, quoted } from "../wire/errors.ts";
import { MAX_SIGNATURE_LENGTH } from "../wire/limits.ts";
import { isInterfaceName, isMemberName, isObjectPath, isPropertyName } from "../wire/name-syntax.ts";
import { readSignature } from "../wire/signature.ts";
import { InvalidIntrospectionError } from "./invalid-introspection.ts";
import { parseXml, type XmlElement } from "./parse-xml.ts";

/** The interfaces and children of an object as its introspection document declares them. */
export interface Introspection {
  /** Interfaces by name. */
  readonly interfaces: ReadonlyMap<string, IntrospectedInterface>;
  /** Paths of child nodes, relative to the object. */
  readonly children: readonly string[];
  /** Descriptions of declarations that were left out because they are not valid: at most 100. */
  readonly problems: readonly string[];
}

/** The members of an interface, by their name on the wire. */
export interface IntrospectedInterface {
  readonly name: string;
  /** Methods by name. Methods with the same name take different arguments. */
  readonly methods: ReadonlyMap<string, readonly MethodContract[]>;
  readonly signals: ReadonlyMap<string, SignalContract>;
  readonly properties: ReadonlyMap<string, PropertyContract>;
}

const MAX_PROBLEMS = 100;
const MEMBERS_PER_STEP = 256;
/** Maximum number of arguments of a member in both directions. Each direction has at most 255 types. */
const MAX_ARGUMENTS = 2 * MAX_SIGNATURE_LENGTH;
const TOO_MANY_ARGUMENTS = `it has more than ${MAX_ARGUMENTS} arguments`;
const PLAIN_NAME = /^[\w.-]{1,64}$/;

/**
 * Reads an introspection document in steps of about a millisecond. Declarations that are not valid are left out.
 *
 * @throws InvalidIntrospectionError if the document is not XML, has another root element than `node`, or exceeds a
 * limit.
 */
export function* readIntrospection(document: string): Steps<Introspection> {
  const root = yield* parseXml(document);
  if (root.name !== "node") throw new InvalidIntrospectionError(`the root element is ${quoted(root.name)}, not "node"`);
  const reader = new IntrospectionReader();
  for (const child of root.children) {
    if (child.name === "interface") yield* reader.interface(child);
    else if (child.name === "node") reader.child(child);
  }
  return reader;
}

class IntrospectionReader implements Introspection {
  readonly interfaces = new Map<string, IntrospectedInterface>();
  readonly children: string[] = [];
  readonly problems: string[] = [];

  *interface(element: XmlElement): Steps<void> {
    const name = nameOf(element);
    if (!isInterfaceName(name)) this.#report(`interface ${quoted(name)}: it is not an interface name`);
    else if (this.interfaces.has(name)) this.#report(`interface ${excerpt(name)}: it is declared twice`);
    else if (this.interfaces.size >= MAX_INTERFACES)
      throw new InvalidIntrospectionError(`there are more than ${MAX_INTERFACES} interfaces`);
    else {
      const members = new MembersReader(name, emitsOf(element.children) ?? "true");
      for (const [index, member] of element.children.entries()) {
        if (index % MEMBERS_PER_STEP === MEMBERS_PER_STEP - 1) yield;
        const problem = members.read(member);
        if (problem !== undefined)
          this.#report(`${member.name} ${quoted(nameOf(member))} of ${excerpt(name)}: ${problem}`);
      }
      this.interfaces.set(name, members);
    }
  }

  child(element: XmlElement): void {
    const name = nameOf(element);
    if (name !== "" && isObjectPath(`/${name}`)) this.children.push(name);
    else this.#report(`node ${quoted(name)}: it is not a relative object path`);
  }

  #report(problem: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }
}

/** Reads the members of an interface. */
class MembersReader implements IntrospectedInterface {
  readonly name: string;
  readonly methods = new Map<string, MethodContract[]>();
  readonly signals = new Map<string, SignalContract>();
  readonly properties = new Map<string, PropertyContract>();
  readonly #emits: PropertyContract["emits"];

  /** @param emits - How changes of properties without annotation are announced. */
  constructor(name: string, emits: PropertyContract["emits"]) {
    this.name = name;
    this.#emits = emits;
  }

  /**
   * Adds the member that an element declares. Returns the reason if the member is not valid; undefined if it was added,
   * or if the element declares no member.
   */
  read(element: XmlElement): string | undefined {
    if (element.name !== "method" && element.name !== "signal" && element.name !== "property") return undefined;
    const name = nameOf(element);
    const isName = element.name === "property" ? isPropertyName : isMemberName;
    if (!isName(name)) return "it is not a member name";
    if (element.name === "method") return this.#method(name, element);
    const members: ReadonlyMap<string, unknown> = element.name === "signal" ? this.signals : this.properties;
    if (members.has(name)) return "it is declared twice";
    return element.name === "signal" ? this.#signal(name, element) : this.#property(name, element);
  }

  #method(name: string, { children }: XmlElement): string | undefined {
    const inputs: Argument[] = [];
    const outputs: Argument[] = [];
    const elements = children.filter(isArgument);
    if (elements.length > MAX_ARGUMENTS) return TOO_MANY_ARGUMENTS;
    for (const element of elements) {
      const direction = element.attributes.get("direction") ?? "in";
      if (direction !== "in" && direction !== "out") return `${quoted(direction)} is not a direction`;
      const argument = readArgument(element);
      if (argument === undefined) return notOneType(element);
      (direction === "in" ? inputs : outputs).push(argument);
    }
    const isOneWay = outputs.length === 0 && annotationOf(children, NO_REPLY) === "true";
    const method = { name, in: inputs, out: outputs, ...(isOneWay && { noReply: true as const }) };
    const others = this.methods.get(name);
    if (others === undefined) this.methods.set(name, [method]);
    else others.push(method);
    return undefined;
  }

  #signal(name: string, { children }: XmlElement): string | undefined {
    const args: Argument[] = [];
    const elements = children.filter(isArgument);
    if (elements.length > MAX_ARGUMENTS) return TOO_MANY_ARGUMENTS;
    for (const element of elements) {
      const argument = readArgument(element);
      if (argument === undefined) return notOneType(element);
      args.push(argument);
    }
    this.signals.set(name, { name, args });
    return undefined;
  }

  #property(name: string, element: XmlElement): string | undefined {
    const access = element.attributes.get("access") ?? "";
    if (access !== "read" && access !== "write" && access !== "readwrite") return `${quoted(access)} is not an access`;
    const type = typeOf(element);
    if (type === undefined) return notOneType(element);
    this.properties.set(name, { name, type, access, emits: emitsOf(element.children) ?? this.#emits });
    return undefined;
  }
}

const isArgument = ({ name }: XmlElement): boolean => name === "arg";

/**
 * Returns the argument that an element declares; undefined if its type is not valid. The name is left out if it has
 * unusual characters, because error texts contain it.
 */
function readArgument(element: XmlElement): Argument | undefined {
  const name = nameOf(element);
  const type = typeOf(element);
  return type === undefined ? undefined : { type, ...(PLAIN_NAME.test(name) && { name }) };
}

function typeOf({ attributes }: XmlElement): string | undefined {
  const type = attributes.get("type") ?? "";
  const read = readSignature(type);
  return read.ok && read.types.length === 1 ? type : undefined;
}

function notOneType({ attributes }: XmlElement): string {
  return `${quoted(attributes.get("type") ?? "")} is not one complete type`;
}

function emitsOf(elements: readonly XmlElement[]): PropertyContract["emits"] | undefined {
  const value = annotationOf(elements, EMITS_CHANGED_SIGNAL);
  return value === "true" || value === "invalidates" || value === "const" || value === "false" ? value : undefined;
}

/** Returns the value of the first annotation with a name; undefined if no annotation has the name. */
function annotationOf(elements: readonly XmlElement[], name: string): string | undefined {
  return elements.find((element) => element.name === "annotation" && nameOf(element) === name)?.attributes.get("value");
}

function nameOf({ attributes }: XmlElement): string {
  return attributes.get("name") ?? "";
}
