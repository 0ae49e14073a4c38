import type { MaybePromise } from "../values.ts";
import type { addInterfaces } from "./add-interfaces.ts";
import type { AuthorizedMember } from "./authorization.ts";
import type { CallerRegistry } from "./caller-registry.ts";
import type { Incoming } from "./incoming-call.ts";
import type { ServedInterface } from "./object-view.ts";
import type { runHandler } from "./run-handler.ts";
import type { serveInterfaces } from "./serve-interfaces.ts";
import type { calledProperty, encodableObjects, getAllProperties, getProperty } from "./served-properties.ts";
import type { AnyService } from "./service.ts";
import type { ServiceState, SignalSink } from "./service-state.ts";
import type { SignalOutput } from "./signal-sink.ts";

/** Access of the runtime to members of Service that subclasses do not see, and to what only programs with services need. */
export interface ServiceInternals {
  state(service: AnyService): ServiceState;
  /** Returns whether a subclass overrides `$authorize`. */
  overridesAuthorize(service: AnyService): boolean;
  authorize(service: AnyService, member: AuthorizedMember, incoming: Incoming): MaybePromise<void>;
  /** Calls `$beforeSet`, then stores and announces the value. */
  setProperty(service: AnyService, key: string, value: unknown, incoming: Incoming): Promise<void>;
  /** Returns a sink that sends the signals of a service from a path. */
  createSink(output: SignalOutput, path: string, service: ServedInterface): SignalSink;
  createCallers(...args: ConstructorParameters<typeof CallerRegistry>): CallerRegistry;
  readonly addInterfaces: typeof addInterfaces;
  readonly runHandler: typeof runHandler;
  readonly getProperty: typeof getProperty;
  readonly getAllProperties: typeof getAllProperties;
  readonly calledProperty: typeof calledProperty;
  readonly managedObjects: typeof encodableObjects;
  readonly serveInterfaces: typeof serveInterfaces;
}

let installed: ServiceInternals | undefined;

/** Sets the internals. The first service that is created does so. */
export function setInternals(internals: ServiceInternals): void {
  installed = internals;
}

/** Returns whether a service has been created. */
export function hasInternals(): boolean {
  return installed !== undefined;
}

/** Returns the internals. Throws TypeError if no service has been created, so that an argument is not a service. */
export function internals(): ServiceInternals {
  if (installed === undefined) throw new TypeError("this is not a service");
  return installed;
}
