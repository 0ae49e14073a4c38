import type { Bus } from "@dbus-codegen-ts/runtime";

/**
 * The base class of portals. Calls that create a Request object wait until the request has ended, and return its
 * results.
 */
export abstract class Portal<C> {
  /** Client of the interface, for its properties, its signals and the calls that create no Request object. */
  readonly client: C;
  protected readonly bus: Bus;

  protected constructor(bus: Bus, client: C) {
    this.bus = bus;
    this.client = client;
  }
}
