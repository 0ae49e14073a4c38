import { setImmediate } from "node:timers/promises";
import type { BusPort } from "../bus/port.ts";
import type { CallOptions } from "../bus/request.ts";
import { callMethod } from "../client/call-method.ts";
import type { Target } from "../client/client.ts";
import type { InterfaceContract } from "../contract.ts";
import type { ValidBusName, ValidInterfaceName, ValidPath } from "../literal-names.ts";
import { Introspectable } from "../standard/org.freedesktop.DBus.Introspectable.ts";
import type { ObjectPath } from "../values.ts";
import type { Steps } from "../wire/codec.ts";
import { excerpt, InvalidValueError } from "../wire/errors.ts";
import { DynamicInterface } from "./dynamic-interface.ts";
import { nearestName } from "./nearest-name.ts";
import { type Introspection, readIntrospection } from "./read-introspection.ts";
import { membersOfContract, membersOfIntrospection } from "./wire-members.ts";

/** An object of a service with the interfaces that introspection has found. */
export class RemoteObject {
  /** Bus name of the service. */
  readonly destination: string;
  readonly path: ObjectPath;
  readonly #bus: BusPort;
  readonly #introspection: Introspection;

  /** @internal */
  constructor(bus: BusPort, { destination, path }: Target, introspection: Introspection) {
    this.#bus = bus;
    this.destination = destination;
    this.path = path;
    this.#introspection = introspection;
  }

  /** Names of the interfaces, including the standard ones. */
  get interfaces(): readonly string[] {
    return [...this.#introspection.interfaces.keys()];
  }

  /** Paths of the objects below this one. */
  get children(): readonly ObjectPath[] {
    const prefix = this.path === "/" ? "" : this.path;
    return this.#introspection.children.map((name) => `${prefix}/${name}`);
  }

  /** Descriptions of introspected declarations that were left out because they are not valid: at most 100. */
  get problems(): readonly string[] {
    return this.#introspection.problems;
  }

  /**
   * Returns an interface of the object.
   *
   * @param selected - Name of the interface, or its generated contract. With a contract, members are typed. If the
   * service declares a member with other types, using the member throws InvalidValueError.
   * @throws InvalidValueError if the object does not have the interface.
   */
  interface<Name extends string>(selected: Name & ValidInterfaceName<Name>): DynamicInterface;
  interface<C extends InterfaceContract>(selected: C): DynamicInterface<C>;
  interface(selected: string | InterfaceContract): DynamicInterface {
    const name = typeof selected === "string" ? selected : selected.name;
    const { interfaces, problems } = this.#introspection;
    const introspected = interfaces.get(name);
    if (introspected === undefined) throw this.#unknown(name);
    const members = typeof selected === "string" ? membersOfIntrospection(introspected) : membersOfContract(selected);
    return new DynamicInterface(this.#bus, this, introspected, members, problems);
  }

  #unknown(name: string): InvalidValueError {
    const { interfaces, children } = this.#introspection;
    const nearest = nearestName(name, interfaces.keys());
    const isEmpty = interfaces.size === 0 && children.length > 0;
    const hint = isEmpty ? "; only objects below it have interfaces" : nearest && `; did you mean "${nearest}"?`;
    const where = `the object ${excerpt(this.path)} of ${this.destination}`;
    return new InvalidValueError(`${where} has no interface "${excerpt(name)}"${hint ?? ""}`);
  }
}

/**
 * Introspects an object, so that its members can be used without generated code.
 *
 * ```ts
 * const object = await remoteObject(bus, "org.freedesktop.hostname1", "/org/freedesktop/hostname1");
 * const hostname = object.interface("org.freedesktop.hostname1");
 * console.log(await hostname.get("Hostname"));
 * ```
 *
 * @param options - Options of the call of Introspect, such as a timeout.
 * @throws InvalidIntrospectionError if the document is not valid, or has more than 1 MiB, 1,000 interfaces, 65,536
 * elements, or 64 levels; otherwise as a method call does.
 */
export async function remoteObject<Name extends string, Path extends string>(
  bus: BusPort,
  name: Name & ValidBusName<Name>,
  path: Path & ValidPath<Path>,
  options: CallOptions = {},
): Promise<RemoteObject> {
  const target: Target = { destination: name, path };
  const remote = { contract: Introspectable, bus, ...target };
  const document = await callMethod(remote, Introspectable.methods.introspect, [], options);
  return new RemoteObject(bus, target, await inSteps(readIntrospection(String(document))));
}

/** Runs a generator of steps. Between two steps, other work of the event loop is done. */
async function inSteps<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await setImmediate();
  }
}
