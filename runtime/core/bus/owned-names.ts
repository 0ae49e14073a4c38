import { type Deferred, deferred } from "../async.ts";
import { DisconnectedError, FailedError } from "../standard-errors.ts";
import { assertSyntax } from "../wire/assert-syntax.ts";
import { isBusName } from "../wire/name-syntax.ts";
import type { Daemon, NameReply } from "./daemon.ts";

/** Options of RequestName; all are false by default. */
export interface NameOptions {
  /** Whether another connection may take the name over. */
  readonly allowReplacement?: boolean;
  /** Whether to take the name over from an owner that allows it. */
  readonly replaceExisting?: boolean;
  /** Whether to wait in the queue if the name is taken. */
  readonly queue?: boolean;
}

/**
 * State of a requested well-known name. A connection has one such object for each name, however often the name is
 * requested.
 */
export interface NameOwnership extends AsyncDisposable {
  readonly name: string;
  /**
   * `"owner"`: this connection owns the name. `"queued"`: this connection waits in the queue. `"taken"`: another
   * connection owns the name, and this connection does not wait. `"released"`: the name was released, or the connection
   * has ended. The state does not change while the connection is lost.
   */
  readonly state: NameReply | "released";
  /**
   * Resolves when this connection owns the name: immediately if it is the owner, later if it waits in the queue.
   * Rejects with FailedError when the name is taken or released, and with DisconnectedError when the connection has
   * ended. After the loss of the name, this property is a new promise.
   */
  readonly acquired: Promise<void>;
  /**
   * Resolves when this connection has lost the name to another connection, or when the connection has ended by an
   * error. This connection then does not request the name another time; with the option `queue`, it waits in the queue.
   * The promise stays pending after `release()` and `close()`, and never rejects. When the connection re-acquires the
   * name, this property is a new promise.
   */
  readonly lost: Promise<void>;
  /** Releases the name or the place in the queue. Repeated calls have no effect. */
  release(): Promise<void>;
}

/** The well-known names that this connection has requested and not released. */
export class OwnedNames {
  readonly #names = new Map<string, OwnedName>();
  readonly #daemon: Daemon;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  /** Requests a name. Throws InvalidValueError if the name is not a well-known name. */
  async request(name: string, options: NameOptions): Promise<NameOwnership> {
    assertWellKnown(name);
    return this.#daemon.requestName(name, flagsOf(options), (reply) => {
      const owned = this.#names.get(name) ?? new OwnedName(name, () => this.release(name));
      this.#names.set(name, owned);
      this.#applyReply(owned, options, reply);
      return owned;
    });
  }

  /** Releases a name or its place in the queue. */
  async release(name: string): Promise<void> {
    assertWellKnown(name);
    // The name is removed twice: now, so that a reconnect does not request it, and after the reply, because a request
    // may have been pending.
    this.#removeName(name);
    await this.#daemon.releaseName(name, () => this.#removeName(name));
  }

  /** Applies the signal NameAcquired of the bus. */
  onNameAcquired(name: string): void {
    this.#names.get(name)?.setState("owner");
  }

  /** Applies the signal NameLost of the bus. */
  onNameLost(name: string): void {
    const owned = this.#names.get(name);
    if (owned?.state === "owner") this.#applyReply(owned, owned.options, owned.options.queue ? "queued" : "taken");
  }

  /** Requests every name on a new connection. */
  restore(): Promise<unknown> {
    const requests = [...this.#names].map(([name, owned]) =>
      this.#daemon.requestName(name, flagsOf(owned.options), (reply) => {
        if (this.#names.get(name) === owned) this.#applyReply(owned, owned.options, reply);
      }),
    );
    return Promise.all(requests);
  }

  /**
   * Ends all ownerships, because the connection has ended.
   *
   * @param closed - Whether this side has closed the connection, so that names were not lost to other connections.
   */
  end(reason: DisconnectedError, closed: boolean): void {
    for (const owned of this.#names.values()) owned.end(reason, closed);
    this.#names.clear();
  }

  #applyReply(owned: OwnedName, options: NameOptions, reply: NameReply): void {
    owned.options = options;
    owned.setState(reply);
    if (reply === "taken") this.#names.delete(owned.name);
  }

  #removeName(name: string): void {
    this.#names.get(name)?.setState("released");
    this.#names.delete(name);
  }
}

class OwnedName implements NameOwnership {
  readonly name: string;
  options: NameOptions = {};
  readonly #release: () => Promise<void>;
  #state: NameOwnership["state"] = "queued";
  #acquired: Deferred<void> = deferred();
  #lost: Deferred<void> = deferred();
  #wasLost = false;

  constructor(name: string, release: () => Promise<void>) {
    this.name = name;
    this.#release = release;
  }

  get state(): NameOwnership["state"] {
    return this.#state;
  }

  get acquired(): Promise<void> {
    return this.#acquired.promise;
  }

  get lost(): Promise<void> {
    return this.#lost.promise;
  }

  async release(): Promise<void> {
    if (this.#state !== "owner" && this.#state !== "queued") return;
    try {
      await this.#release();
    } catch (error) {
      // A lost connection owns no names.
      if (!(error instanceof DisconnectedError)) throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  setState(state: NameOwnership["state"]): void {
    const wasOwner = this.#state === "owner";
    this.#state = state;
    if (state === "owner") {
      this.#acquired.resolve();
      if (this.#wasLost) this.#lost = deferred();
      this.#wasLost = false;
      return;
    }
    if (wasOwner) this.#acquired = deferred();
    if (wasOwner && state !== "released") this.#resolveLost();
    if (state !== "queued") this.#acquired.reject(new FailedError(`the name ${this.name} is ${state}`));
  }

  end(reason: DisconnectedError, closed: boolean): void {
    if (this.#state === "owner") this.#acquired = deferred();
    if (this.#state === "owner" && !closed) this.#resolveLost();
    this.#state = "released";
    this.#acquired.reject(reason);
  }

  #resolveLost(): void {
    this.#wasLost = true;
    this.#lost.resolve();
  }
}

function assertWellKnown(name: string): void {
  assertSyntax(name, (text) => isBusName(text) && !text.startsWith(":"), "name", "a well-known bus name");
}

function flagsOf({ allowReplacement, replaceExisting, queue }: NameOptions): number {
  return (allowReplacement ? 1 : 0) | (replaceExisting ? 2 : 0) | (queue ? 0 : 4);
}
