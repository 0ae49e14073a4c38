import type { BusPort } from "../bus/port.ts";
import type { ObjectPath } from "../values.ts";
import type { AnyClient, Target } from "./client.ts";

/** Generated client classes by keys that the application chooses. */
export type ClientClasses<B extends BusPort> = Readonly<Record<string, new (bus: B, target: Target) => AnyClient>>;

/** Instance type of a client class. */
export type ClientOf<T> = T extends new (...args: never[]) => infer Instance ? Instance : never;

/** An object of an object manager that has at least one of the requested interfaces. */
export interface ManagedObject<I> {
  readonly path: ObjectPath;
  /** A client for each requested interface that the object has now. Cached property values are available without `$cache`. */
  readonly interfaces: { readonly [K in keyof I]?: ClientOf<I[K]> };
}

/** An interface that was added to or removed from an object. `interface` is the key of the client's class. */
export type ManagedChange<I> = {
  [K in keyof I]: {
    readonly kind: "added" | "removed";
    readonly object: ManagedObject<I>;
    readonly interface: K;
    readonly client: ClientOf<I[K]>;
  };
}[keyof I];
