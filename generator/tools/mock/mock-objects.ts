import type { AnyService, Bus, InterfaceContract, ServedObject } from "@dbus-codegen-ts/runtime";
import { ObjectManager } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.ObjectManager";
import type { Mock } from "./mock.ts";
import { MockService } from "./mock-service.ts";
import { type ObservedCall, type RecordedCall, recordedCall } from "./observed-call.ts";

/** A mock that is served at a path. */
export interface MockObject<C extends InterfaceContract> extends Mock<C> {
  /** Object path. */
  readonly path: string;
  /**
   * Removes this mock from its object, with the interfaces that were added together with it. Object managers above the
   * object announce the removal.
   */
  remove(): Promise<void>;
}

/** Largest number of recorded calls. */
const MAX_CALLS = 10_000;

/** Services that were added to an object together. */
interface ServedGroup {
  readonly served: ServedObject;
  readonly services: readonly AnyService[];
  readonly end: () => void;
}

/**
 * The objects of a mock on one bus, which can be added and removed at any time. The object managers above an object
 * announce that it is added or removed.
 */
export class MockObjects implements AsyncDisposable {
  /** The bus on which the objects are served. */
  readonly bus: Bus;
  readonly #groups = new Map<string, ServedGroup[]>();
  readonly #managers = new Map<string, ServedObject>();
  readonly #onCall: (call: ObservedCall) => void;
  #calls: ObservedCall[] = [];

  /** @param onCall - Called with each call of a mock after its reply is decided. */
  constructor(bus: Bus, onCall: (call: ObservedCall) => void = () => undefined) {
    this.bus = bus;
    this.#onCall = onCall;
  }

  /** Method calls and changed properties of all mocks in the order of their replies: the last 10,000. */
  get calls(): readonly RecordedCall[] {
    return this.#calls.map(recordedCall);
  }

  /** The calls in `calls`, with values as on the wire. */
  get observedCalls(): readonly ObservedCall[] {
    return this.#calls;
  }

  /** Paths of all objects, sorted. */
  get paths(): readonly string[] {
    return [...new Set([...this.#groups.keys(), ...this.#managers.keys()])].toSorted();
  }

  /** Returns the names of the interfaces of an object, with ObjectManager if it is an object manager. */
  interfacesAt(path: string): readonly string[] {
    const services = (this.#groups.get(path) ?? []).flatMap((group) => group.services);
    const names = services.flatMap((service) => (service instanceof MockService ? [service.contract.name] : []));
    return this.#managers.has(path) ? [...names, ObjectManager.name] : names;
  }

  /**
   * Adds mocks of interfaces to the object at a path. They are announced by one signal of each object manager above.
   *
   * @returns The first mock with its path.
   * @throws Error if the object has one of the interfaces already.
   */
  async add<C extends InterfaceContract>(
    path: string,
    first: Mock<C>,
    ...others: readonly { readonly service: AnyService }[]
  ): Promise<MockObject<C>> {
    const remove = await this.serve(
      path,
      [first, ...others].map(({ service }) => service),
    );
    return { ...first, path, remove };
  }

  /** Adds services to the object at a path. Returns a function that removes them. */
  async serve(path: string, services: readonly AnyService[]): Promise<() => Promise<void>> {
    const served = await this.bus.serve(path, ...services);
    const ends = services.map((service) =>
      service instanceof MockService ? service.observe((call) => this.#keep(call)) : () => undefined,
    );
    const group: ServedGroup = { served, services, end: () => ends.forEach((end) => void end()) };
    this.#groups.set(path, [...(this.#groups.get(path) ?? []), group]);
    return () => this.#end(path, group);
  }

  /** Makes the object at a path an object manager of the objects below it. Does nothing if it is already one. */
  async addManager(path: string): Promise<void> {
    if (!this.#managers.has(path)) this.#managers.set(path, await this.bus.serveObjectManager(path));
  }

  /** Removes the object at a path and all objects below it. Returns whether any object was removed. */
  async remove(path: string): Promise<boolean> {
    const below = path === "/" ? "/" : `${path}/`;
    const removed = this.paths.filter((other) => other === path || other.startsWith(below)).toReversed();
    for (const each of removed) {
      for (const group of this.#groups.get(each) ?? []) await this.#end(each, group);
      await this.#managers.get(each)?.close();
      this.#managers.delete(each);
    }
    return removed.length > 0;
  }

  /** Returns the mock of an interface of an object. */
  find(path: string, interfaceName: string): MockService | undefined {
    for (const { services } of this.#groups.get(path) ?? []) {
      for (const service of services)
        if (service instanceof MockService && service.contract.name === interfaceName) return service;
    }
    return undefined;
  }

  /** Clears the recorded calls. */
  forget(): void {
    this.#calls = [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove("/");
  }

  async #end(path: string, group: ServedGroup): Promise<void> {
    const others = (this.#groups.get(path) ?? []).filter((other) => other !== group);
    if (others.length === 0) this.#groups.delete(path);
    else this.#groups.set(path, others);
    group.end();
    await group.served.close();
  }

  #keep(call: ObservedCall): void {
    if (this.#calls.length === MAX_CALLS) this.#calls.shift();
    this.#calls.push(call);
    this.#onCall(call);
  }
}
