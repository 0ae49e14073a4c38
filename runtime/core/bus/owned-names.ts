import { type Deferred, deferred } from "../async.ts";
import { DisconnectedError, FailedError } from "../standard-errors.ts";
import { assertSyntax } from "../wire/assert-syntax.ts";
import { isBusName } from "../wire/name-syntax.ts";
import type { Daemon, NameReply } from "./daemon.ts";

/** How a bus name is requested; what is absent is false. */
export interface NameOptions {
  /** Another connection may take the name over. */
  readonly allowReplacement?: boolean;
  /** Take the name over from an owner that allows it. */
  readonly replaceExisting?: boolean;
  /** Wait in the queue for a name that is taken. */
  readonly queue?: boolean;
}

/** A well-known name as this connection has it. A connection has one of these for each name, however often it is requested. */
export interface NameOwnership extends AsyncDisposable {
  readonly name: string;
  /**
   * `"taken"`: somebody else has it, and this connection does not wait for it. `"released"`: given up, or the connection
   * has ended. While the connection is lost and made again, it stays as it was.
   */
  readonly state: NameReply | "released";
  /**
   * Resolves when this connection owns the name: at once for an owner, at its turn for one that waits in the queue. It
   * rejects when that cannot be any more: FailedError when the name is taken or released, DisconnectedError when the
   * connection has ended. After a loss there is a new promise.
   */
  readonly acquired: Promise<void>;
  /**
   * Resolves when this connection owned the name and another took it over, or the connection was lost for good. Then the
   * name is requested no more, except that one who wants to queue waits in the queue again. It stays pending after
   * `release()` and `close()`, and never rejects. When the name is acquired again there is a new promise.
   */
  readonly lost: Promise<void>;
  /** Gives up the name or the place in the queue; again does nothing. */
  release(): Promise<void>;
}

/** The well-known names that this connection has requested and not given up. */
export class OwnedNames {
  readonly #names = new Map<string, OwnedName>();
  readonly #daemon: Daemon;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
  }

  async request(name: string, options: NameOptions): Promise<NameOwnership> {
    checkWellKnown(name);
    return this.#daemon.requestName(name, flagsOf(options), (reply) => {
      const owned = this.#names.get(name) ?? new OwnedName(name, () => this.release(name));
      this.#names.set(name, owned);
      this.#answered(owned, options, reply);
      return owned;
    });
  }

  /** Gives up a name or its place in the queue. */
  async release(name: string): Promise<void> {
    checkWellKnown(name);
    // Forgotten twice: at once, so that a loss now does not bring it back, and after requests that were already under way.
    this.#forget(name);
    await this.#daemon.releaseName(name, () => this.#forget(name));
  }

  /** Takes NameAcquired of the bus. */
  acquired(name: string): void {
    this.#names.get(name)?.become("owner");
  }

  /** Takes NameLost of the bus. */
  lost(name: string): void {
    const owned = this.#names.get(name);
    if (owned?.state === "owner") this.#answered(owned, owned.options, owned.options.queue ? "queued" : "taken");
  }

  /** Requests every name anew from a bus that knows of none. */
  restore(): Promise<unknown> {
    const all = [...this.#names].map(([name, owned]) =>
      this.#daemon.requestName(name, flagsOf(owned.options), (reply) => {
        if (this.#names.get(name) === owned) this.#answered(owned, owned.options, reply);
      }),
    );
    return Promise.all(all);
  }

  /** The connection has ended: by a fault, where names were lost, or closed by this side. */
  end(reason: DisconnectedError, closed: boolean): void {
    for (const owned of this.#names.values()) owned.end(reason, closed);
    this.#names.clear();
  }

  #answered(owned: OwnedName, options: NameOptions, reply: NameReply): void {
    owned.options = options;
    owned.become(reply);
    if (reply === "taken") this.#names.delete(owned.name);
  }

  #forget(name: string): void {
    this.#names.get(name)?.become("released");
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
      // A connection that is gone holds no name.
      if (!(error instanceof DisconnectedError)) throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  become(state: NameOwnership["state"]): void {
    const owned = this.#state === "owner";
    this.#state = state;
    if (state === "owner") {
      this.#acquired.resolve();
      if (this.#wasLost) this.#lost = deferred();
      this.#wasLost = false;
      return;
    }
    if (owned) this.#acquired = deferred();
    if (owned && state !== "released") this.#lose();
    if (state !== "queued") this.#acquired.reject(new FailedError(`the name ${this.name} is ${state}`));
  }

  end(reason: DisconnectedError, closed: boolean): void {
    if (this.#state === "owner") this.#acquired = deferred();
    if (this.#state === "owner" && !closed) this.#lose();
    this.#state = "released";
    this.#acquired.reject(reason);
  }

  #lose(): void {
    this.#wasLost = true;
    this.#lost.resolve();
  }
}

function checkWellKnown(name: string): void {
  assertSyntax(name, (text) => isBusName(text) && !text.startsWith(":"), "name", "a well-known bus name");
}

function flagsOf({ allowReplacement, replaceExisting, queue }: NameOptions): number {
  return (allowReplacement ? 1 : 0) | (replaceExisting ? 2 : 0) | (queue ? 0 : 4);
}
