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

/** Key of the `ServedInterface` of a service. Users of services cannot name it. */
export const SERVED: unique symbol = Symbol("served");

/** What a served object or subtree gives its services. */
export interface ServiceHost {
  readonly bus: BusPort;
  readonly callers: Callers;
  /** Called with errors of signals that the runtime sends by itself. */
  readonly onError: ErrorHook;
  /** Returns whether signals are still sent. */
  readonly isOpen: () => boolean;
}

/**
 * The interface of a service, as the object server uses it. The server reaches the code behind it only through a service,
 * so that bundles of clients do not contain that code.
 */
export interface ServedInterface {
  readonly contract: InterfaceContract;
  readonly methods: Methods;
  /** Whether `authorize` is called for every member. Otherwise it is called for privileged members only. */
  readonly authorizesAll: boolean;
  readonly objectManager: ObjectManagerCode;
  /** Authorizes a caller. Throws, or rejects, if the caller is refused. */
  authorize(member: AuthorizedMember, incoming: Incoming): MaybePromise<void>;
  /**
   * Runs the handler of a method. Announces the changes of properties that it makes before it returns. Returns or throws
   * what the handler returns or throws.
   */
  run(member: MethodMember, args: readonly unknown[], reply: Reply): unknown;
  /** Returns a property by its name on the wire. */
  property(name: string): ServedProperty | undefined;
  /** Returns the values of the properties that clients can read. */
  readableValues(): PropertyValues;
  /** Returns the reply to GetAll for some interfaces. Of properties with the same name, it contains the first. */
  getAllOf(interfaces: readonly ServedInterface[]): EncodableResult;
  /**
   * Begins to serve at a path, from which the service then sends its signals, too.
   *
   * @returns A function that announces pending changes of properties and ends sending.
   */
  serveAt(path: string, host: ServiceHost): () => void;
}

/** A property of a service, as clients use it. */
export interface ServedProperty {
  readonly authorized: AuthorizedMember;
  /** Codec of the arguments of Set, which decodes the value in the shape that the contract declares. */
  readonly setArguments: ArgumentsCodec;
  /** Returns the reply to Get. Throws AccessDeniedError if clients cannot read the property. */
  read(): EncodableResult;
  /** Throws PropertyReadOnlyError or InvalidArgsError if clients cannot set a value of this signature. */
  checkSet(signature: string): void;
  /** Sets the property, unless the service refuses the value. */
  set(value: unknown, incoming: Incoming): Promise<void>;
}

/** The served interfaces of an object, and the objects below it. */
export interface ServedNode {
  readonly path: string;
  /** Served interfaces by name. */
  readonly interfaces: ReadonlyMap<string, ServedInterface>;
  /** Returns all served objects below this one. */
  below(): Iterable<ServedNode>;
}

/** What object managers do with services below them. */
export interface ObjectManagerCode {
  /** Returns the reply to GetManagedObjects of an object. */
  managedObjects(manager: ServedNode): EncodableResult;
  emitAdded(host: ServiceHost, manager: string, object: string, added: readonly ServedInterface[]): void;
  emitRemoved(host: ServiceHost, manager: string, object: string, removed: readonly ServedInterface[]): void;
}
