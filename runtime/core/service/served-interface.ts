import type { BusPort } from "../bus/port.ts";
import type { InterfaceContract } from "../contract.ts";
import type { ErrorHook } from "../hooks.ts";
import type { MaybePromise } from "../values.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import type { AuthorizedMember } from "./authorization.ts";
import type { Callers, Incoming } from "./incoming-call.ts";
import type { MethodMember, Methods } from "./methods.ts";
import type { PropertyValues } from "./property-values.ts";
import type { EncodableResult, Reply } from "./reply.ts";

/** Key of the `ServedInterface` of a service. The key is not exported to users of services. */
export const SERVED: unique symbol = Symbol("served");

/** What a service gets from the object or subtree that serves it. */
export interface ServiceHost {
  readonly bus: BusPort;
  readonly callers: Callers;
  /** Called with errors of signals that the runtime sends without a call of the application. */
  readonly onError: ErrorHook;
  /** Returns whether the object or subtree is still served. If not, signals are not sent. */
  readonly isOpen: () => boolean;
}

/**
 * A served interface, as the object server uses it. The server gets the implementation from a service, so that bundles
 * of clients do not contain the implementation.
 */
export interface ServedInterface {
  readonly contract: InterfaceContract;
  readonly methods: Methods;
  /** Whether `authorize` is called for every member; otherwise it is called for privileged members only. */
  readonly authorizesAll: boolean;
  readonly objectManager: ObjectManagerCode;
  /** Authorizes a caller. Throws, or rejects, if the caller is refused. */
  authorize(member: AuthorizedMember, incoming: Incoming): MaybePromise<void>;
  /**
   * Runs the handler of a method. Changes of properties that the handler makes before it returns are announced. Returns
   * or throws what the handler returns or throws.
   */
  run(member: MethodMember, args: readonly unknown[], reply: Reply): unknown;
  /** Returns a property by its name on the wire. */
  property(name: string): ServedProperty | undefined;
  /** Returns the values of the properties that clients can read. */
  readableValues(): PropertyValues;
  /**
   * Returns the reply to GetAll for several interfaces. If properties have the same name, the reply contains the first.
   */
  getAllOf(interfaces: readonly ServedInterface[]): EncodableResult;
  /**
   * Begins to serve the interface at a path. From then on, signals are also sent from this path.
   *
   * @returns A function that announces pending changes of properties, and ends sending from the path.
   */
  serveAt(path: string, host: ServiceHost): () => void;
}

/** A property of a service, as clients use it. */
export interface ServedProperty {
  readonly authorized: AuthorizedMember;
  /** Codec of the arguments of Set. It decodes the value with the shape that the contract declares. */
  readonly setArguments: ArgumentsCodec;
  /** Returns the reply to Get. Throws AccessDeniedError if clients cannot read the property. */
  read(): EncodableResult;
  /** Throws PropertyReadOnlyError or InvalidArgsError if clients cannot set a value of this signature. */
  checkSet(signature: string): void;
  /** Sets the property, unless the service refuses the value. */
  set(value: unknown, incoming: Incoming): Promise<void>;
}

/** An object with its served interfaces and the objects below it. */
export interface ServedNode {
  readonly path: string;
  /** Served interfaces by name. */
  readonly interfaces: ReadonlyMap<string, ServedInterface>;
  /** Returns all served objects below this object. */
  below(): Iterable<ServedNode>;
}

/** The code of object managers, which a service provides so that bundles of clients do not contain it. */
export interface ObjectManagerCode {
  /** Returns the reply to GetManagedObjects of an object. */
  managedObjects(manager: ServedNode): EncodableResult;
  emitAdded(host: ServiceHost, manager: string, object: string, added: readonly ServedInterface[]): void;
  emitRemoved(host: ServiceHost, manager: string, object: string, removed: readonly ServedInterface[]): void;
}
