import { type Bus, DBusError, type ObjectPath, type Signal, type Subscription } from "@dbus-codegen-ts/runtime";
import { createToken, DESKTOP, predictPath } from "./desktop.ts";
import { SessionClient } from "./generated/org.freedesktop.portal.Session.ts";

/** Arguments of a signal that belongs to a session, whose path is the first argument. */
export type SessionEvent = readonly [session: ObjectPath, ...rest: readonly unknown[]];

/** The arguments of a signal without its first argument, the path of the session. */
export type WithoutSession<A extends SessionEvent> = A extends readonly [unknown, ...infer Rest] ? Rest : never;

/** A session with a portal. Disposing of it closes the session. */
export class PortalSession implements AsyncDisposable {
  /** Path of the Session object, for calls of the portal. */
  readonly handle: ObjectPath;
  readonly #bus: Bus;
  readonly #end = new AbortController();
  readonly #subscriptions = new Set<Subscription>();

  private constructor(bus: Bus, handle: ObjectPath) {
    this.#bus = bus;
    this.handle = handle;
  }

  /**
   * Creates a session.
   *
   * @param create - Calls a method with the token in its options, and returns the path of the Session object.
   */
  static async create(bus: Bus, create: (sessionHandleToken: string) => Promise<ObjectPath>): Promise<PortalSession> {
    const token = createToken();
    const expected = new PortalSession(bus, predictPath(bus, "session", token));
    await expected.#watch();
    let handle: ObjectPath;
    try {
      handle = await create(token);
    } catch (error) {
      await expected.#release();
      throw error;
    }
    if (handle === expected.handle) return expected;
    await expected.#release();
    const actual = new PortalSession(bus, handle);
    await actual.#watch();
    return actual;
  }

  /**
   * Aborts when the session has ended: the portal or the program has closed it, or the portals or this connection have left
   * the bus.
   */
  get ended(): AbortSignal {
    return this.#end.signal;
  }

  /**
   * Calls a listener for each signal of a portal that belongs to this session, without the path of the session.
   *
   * @returns A subscription. The end of the session closes the subscription, too.
   */
  listen<A extends SessionEvent>(
    signal: Signal<A>,
    listener: (...args: WithoutSession<A>) => void,
  ): Promise<Subscription>;
  async listen(signal: Signal<SessionEvent>, listener: (...args: readonly unknown[]) => void): Promise<Subscription> {
    const subscription = await signal.subscribe((session, ...args) => {
      if (session === this.handle) listener(...args);
    });
    this.#subscriptions.add(subscription);
    if (this.ended.aborted) await subscription.close();
    return subscription;
  }

  /** Closes the session. Does nothing if it has ended. */
  async close(): Promise<void> {
    if (this.ended.aborted) return;
    await this.#release();
    const session = new SessionClient(this.#bus, { destination: DESKTOP.destination, path: this.handle });
    // The session may have ended meanwhile.
    await session.close().catch((error: unknown) => {
      if (!(error instanceof DBusError)) throw error;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #watch(): Promise<void> {
    const end = (): void => void this.#release();
    const session = new SessionClient(this.#bus, { destination: DESKTOP.destination, path: this.handle });
    this.#subscriptions.add(await session.signals.closed.subscribe(end, { onMissed: end }));
  }

  async #release(): Promise<void> {
    this.#end.abort();
    const subscriptions = [...this.#subscriptions];
    this.#subscriptions.clear();
    await Promise.all(subscriptions.map((subscription) => subscription.close()));
  }
}
