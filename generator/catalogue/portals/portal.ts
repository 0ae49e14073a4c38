import type { Bus } from "@dbus-codegen-ts/runtime";

/** A portal whose calls wait for the results of their requests. */
export abstract class Portal<C> {
  /** Client of the interface, for its properties, its signals and the calls that make no request. */
  readonly client: C;
  protected readonly bus: Bus;

  protected constructor(bus: Bus, client: C) {
    this.bus = bus;
    this.client = client;
  }
}
