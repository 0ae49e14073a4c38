import { EMITS_CHANGED_SIGNAL, NO_REPLY } from "../annotation-names.ts";
import type { Argument, MethodContract, PropertyContract, SignalContract } from "../contract.ts";
import { MAX_INTERFACES } from "../quotas.ts";
import { excerpt, quoted } from "../wire/errors.ts";
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
  /** Descriptions of declarations that are left out because they are not valid: at most 100. */
  readonly problems: readonly string[];
}

/** The members of an interface, by their name on the wire. */
export interface IntrospectedInterface {
  readonly name: string;
  /** Methods with equal names take different arguments. */
  readonly methods: ReadonlyMap<string, readonly MethodContract[]>;
  readonly signals: ReadonlyMap<string, SignalContract>;
  readonly properties: ReadonlyMap<string, PropertyContract>;
}

const MAX_PROBLEMS = 100;
const PLAIN_NAME = /^[\w.-]{1,64}$/;

/**
 * Reads an introspection document. Declarations that are not valid are left out.
 *
 * @throws InvalidIntrospectionError if the document is not XML, has another root element than `node`, or is above a limit.
 */
export function readIntrospection(document: string): Introspection {
  const root = parseXml(document);
  if (root.name !== "node") throw new InvalidIntrospectionError(`the root element is ${quoted(root.name)}, not "node"`);
  const reader = new IntrospectionReader();
  for (const child of root.children) {
    if (child.name === "interface") reader.interface(child);
    else if (child.name === "node") reader.child(child);
  }
  return reader;
}

class IntrospectionReader implements Introspection {
  readonly interfaces = new Map<string, IntrospectedInterface>();
  readonly children: string[] = [];
  readonly problems: string[] = [];

  interface(element: XmlElement): void {
    const name = nameOf(element);
    if (!isInterfaceName(name)) this.#report(`interface ${quoted(name)}: it is not an interface name`);
    else if (this.interfaces.has(name)) this.#report(`interface ${excerpt(name)}: it is declared twice`);
    else if (this.interfaces.size >= MAX_INTERFACES)
      throw new InvalidIntrospectionError(`there are more than ${MAX_INTERFACES} interfaces`);
    else this.interfaces.set(name, this.#members(name, element));
  }

  child(element: XmlElement): void {
    const name = nameOf(element);
    if (name !== "" && isObjectPath(`/${name}`)) this.children.push(name);
    else this.#report(`node ${quoted(name)}: it is not a relative object path`);
  }

  #members(name: string, { children }: XmlElement): IntrospectedInterface {
    const methods = new Map<string, MethodContract[]>();
    const signals = new Map<string, SignalContract>();
    const properties = new Map<string, PropertyContract>();
    const emits = emitsOf(children) ?? "true";
    for (const element of children) {
      const member = nameOf(element);
      if (element.name !== "method" && element.name !== "signal" && element.name !== "property") continue;
      try {
        const isName = element.name === "property" ? isPropertyName : isMemberName;
        if (!isName(member)) throw new DeclarationProblem("it is not a member name");
        if (element.name === "method") {
          const method = readMethod(member, element);
          const others = methods.get(member);
          if (others === undefined) methods.set(member, [method]);
          else others.push(method);
        } else {
          const members: ReadonlyMap<string, unknown> = element.name === "signal" ? signals : properties;
          if (members.has(member)) throw new DeclarationProblem("it is declared twice");
          if (element.name === "signal")
            signals.set(member, { name: member, args: element.children.flatMap(readArgument) });
          else properties.set(member, readProperty(member, element, emits));
        }
      } catch (error) {
        if (!(error instanceof DeclarationProblem)) throw error;
        this.#report(`${element.name} ${quoted(member)} of ${excerpt(name)}: ${error.message}`);
      }
    }
    return { name, methods, signals, properties };
  }

  #report(problem: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(problem);
  }
}

/** The reason why a declaration is left out. */
class DeclarationProblem extends Error {}

function readMethod(name: string, { children }: XmlElement): MethodContract {
  const inputs: Argument[] = [];
  const outputs: Argument[] = [];
  for (const element of children) {
    const direction = element.attributes.get("direction") ?? "in";
    if (element.name === "arg" && direction !== "in" && direction !== "out")
      throw new DeclarationProblem(`${quoted(direction)} is not a direction`);
    for (const argument of readArgument(element)) (direction === "in" ? inputs : outputs).push(argument);
  }
  const isOneWay = outputs.length === 0 && annotationOf(children, NO_REPLY) === "true";
  return { name, in: inputs, out: outputs, ...(isOneWay && { noReply: true }) };
}

function readProperty(name: string, element: XmlElement, emits: PropertyContract["emits"]): PropertyContract {
  const access = element.attributes.get("access") ?? "";
  if (access !== "read" && access !== "write" && access !== "readwrite")
    throw new DeclarationProblem(`${quoted(access)} is not an access`);
  return { name, type: typeOf(element), access, emits: emitsOf(element.children) ?? emits };
}

/** Returns an argument; nothing for other elements. A name that is not plain is left out, because errors contain it. */
function readArgument(element: XmlElement): Argument[] {
  if (element.name !== "arg") return [];
  const name = nameOf(element);
  return [{ type: typeOf(element), ...(PLAIN_NAME.test(name) && { name }) }];
}

function typeOf({ attributes }: XmlElement): string {
  const type = attributes.get("type") ?? "";
  const read = readSignature(type);
  if (!read.ok || read.types.length !== 1) throw new DeclarationProblem(`${quoted(type)} is not one complete type`);
  return type;
}

function emitsOf(elements: readonly XmlElement[]): PropertyContract["emits"] | undefined {
  const value = annotationOf(elements, EMITS_CHANGED_SIGNAL);
  return value === "true" || value === "invalidates" || value === "const" || value === "false" ? value : undefined;
}

/** Returns the value of the first annotation with a name. */
function annotationOf(elements: readonly XmlElement[], name: string): string | undefined {
  return elements.find((element) => element.name === "annotation" && nameOf(element) === name)?.attributes.get("value");
}

function nameOf({ attributes }: XmlElement): string {
  return attributes.get("name") ?? "";
}
