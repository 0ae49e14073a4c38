import type { BusPort } from "../bus/port.ts";
import type { ObjectPath } from "../values.ts";
import type { AnyClient, Target } from "./client.ts";

/** Generated client classes, under names to find their clients by. */
export type ClientClasses<B extends BusPort> = Readonly<Record<string, new (bus: B, target: Target) => AnyClient>>;

/** The client that a class makes. */
export type ClientOf<T> = T extends new (...args: never[]) => infer Instance ? Instance : never;

/** An object of a manager, as long as it has one of the interfaces that the manager was made for. */
export interface ManagedObject<I> {
  readonly path: ObjectPath;
  /** A client for each of its interfaces, as they are now; `value` of their properties is known without `$cache`. */
  readonly interfaces: { readonly [K in keyof I]?: ClientOf<I[K]> };
}

/** An interface that an object has got or lost; `interface` tells of what class the client is. */
export type ManagedChange<I> = {
  [K in keyof I]: {
    readonly kind: "added" | "removed";
    readonly object: ManagedObject<I>;
    readonly interface: K;
    readonly client: ClientOf<I[K]>;
  };
}[keyof I];
