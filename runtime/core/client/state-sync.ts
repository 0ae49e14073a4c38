import type { BusPort } from "../bus/port.ts";
import type { Request } from "../bus/request.ts";
import type { SignalListener } from "../bus/signal-router.ts";
import { errorOf } from "../errors.ts";
import { LimitsExceededError, NameHasNoOwnerError, ServiceUnknownError } from "../standard-errors.ts";
import { MessageType } from "../wire/header.ts";
import type { Message } from "../wire/message.ts";

/** The error if the state of a service is larger than the limits allow. */
export class StateLimitError extends LimitsExceededError {}

/**
 * Describes how a local copy of the state of a service is kept: the signals that change the state, the call that reads
 * it, and functions that store both in the copy.
 */
export interface SyncedState {
  readonly signals: readonly Omit<SignalListener, "sender" | "onOwner" | "onEnd">[];
  readonly read: Request;
  /** Called when the call that reads the state is sent. Returns the present logical time of the copy. */
  begin(): number;
  /**
   * Stores a reply in the local copy. Throws if the reply is an error or invalid. Like `onSignal`, throws
   * StateLimitError above a limit, which ends the sync.
   *
   * @param since - Logical time at which the call was sent.
   */
  fill(reply: Message, since: number): void;
  /**
   * Called when a call gets no usable reply.
   *
   * @param since - Logical time at which the call was sent.
   */
  failed(since: number): void;
  /** Clears the local copy. */
  clear(): void;
}

/**
 * Keeps a local copy of the state of a service up to date. Subscribes to the signals, then reads the state, and rereads
 * it at each change of the name's owner. The bus handles messages in order: no change is missed if the read is sent
 * after the match rules.
 */
export class StateSync {
  /** Number of users of this object, which its creator counts. */
  uses = 0;
  /** Functions to call when the connection ends or a limit is exceeded. */
  readonly endListeners = new Set<(reason: Error) => void>();
  /**
   * Resolves when the state is read, or the name has no owner. If the bus or the service refuses, the sync ends and the
   * promise rejects.
   */
  readonly ready: Promise<void>;
  readonly #bus: BusPort;
  readonly #state: SyncedState;
  #owner: string | undefined;
  /** Number of changes of the owner. */
  #ownerChanges = 0;
  #isListening = false;
  /** Interrupts waiting for a read that is out of date. */
  #wake: () => void = () => undefined;
  /** The read that was sent last; undefined if the owner has not been read yet. */
  #reading: Promise<void> | undefined;
  /** Number of received signals. */
  #signals = 0;
  /** Whether the read failed although the name has an owner. The next signal then starts another read. */
  #isUnread = false;
  #end: Error | undefined;
  #closes: readonly (() => Promise<void>)[] = [];

  constructor(bus: BusPort, state: SyncedState) {
    this.#bus = bus;
    this.#state = state;
    this.ready = this.#start();
  }

  /** Ends the sync and clears the state immediately. A pending `ready` rejects with the reason. */
  async end(reason: Error): Promise<void> {
    if (this.#end === undefined) this.#state.clear();
    this.#end ??= reason;
    this.#wake();
    await Promise.all(this.#closes.map((close) => close()));
  }

  async #start(): Promise<void> {
    const requested = this.#listen();
    this.#isListening = true;
    if (this.#owner !== undefined) this.#read();
    try {
      const results = await Promise.allSettled(requested);
      this.#closes = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      const refused = results.find((result) => result.status === "rejected");
      if (refused !== undefined) throw refused.reason;
      // The name has no owner: this call makes the bus start the service, whose state is read when it takes the name.
      if (this.#owner === undefined && this.#end === undefined) this.#read();
      await this.#currentRead();
      if (this.#end !== undefined) throw this.#end;
    } catch (error) {
      await this.end(errorOf(error));
      throw error;
    }
  }

  #listen(): Promise<() => Promise<void>>[] {
    const { signals, read } = this.#state;
    return signals.map(({ onSignal, ...signal }, index) => {
      const listener = {
        ...signal,
        sender: read.destination,
        onSignal: (message: Message) => this.#onSignal(message, onSignal),
        onUnreadable: () => {
          if (this.#end !== undefined) return;
          // The changes that the signal announces are lost.
          this.#state.clear();
          this.#isUnread = false;
          this.#read();
        },
      };
      if (index > 0) return this.#bus.listen(listener);
      const onOwner = (owner: string | undefined): void => this.#onOwner(owner);
      return this.#bus.listen({ ...listener, onOwner, onEnd: (reason) => this.#onDisconnected(reason) });
    });
  }

  /**
   * Waits for the read from the current owner. Does not wait for a read from a previous owner, which may never reply.
   */
  async #currentRead(): Promise<void> {
    for (let changes = -1; changes !== this.#ownerChanges; ) {
      changes = this.#ownerChanges;
      const changed = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([this.#reading, changed]);
    }
  }

  #onOwner(owner: string | undefined): void {
    if (this.#end !== undefined) return;
    this.#owner = owner;
    this.#ownerChanges++;
    this.#reading = undefined;
    this.#wake();
    this.#isUnread = false;
    this.#state.clear();
    // If the connection already knows the owner, `onOwner` is called before the match rules are requested. The state is
    // then read later.
    if (owner !== undefined && this.#isListening) this.#read();
  }

  #read(): void {
    const changes = this.#ownerChanges;
    const since = this.#state.begin();
    const signals = this.#signals;
    this.#reading = this.#bus
      .request(this.#state.read, {}, (reply) => this.#fill(reply, since))
      .catch((error: unknown) => {
        this.#state.failed(since);
        return this.#onReadFailed(error, changes, signals);
      });
    // The first read is awaited by `ready`. No caller awaits later reads.
    this.#reading.catch(() => undefined);
  }

  #fill(reply: Message, since: number): void {
    // Ignores the reply of a previous owner. An error may also come from the bus.
    if (this.#end !== undefined || (reply.sender !== this.#owner && reply.type === MessageType.MethodReturn)) return;
    this.#state.fill(reply, since);
  }

  /** Handles a failed read. Ignores the failure if the owner has changed since the call, or the name has no owner. */
  #onReadFailed(error: unknown, changes: number, signals: number): Promise<void> | undefined {
    if (this.#end !== undefined || this.#ownerChanges !== changes || isAbsence(error)) return undefined;
    if (error instanceof StateLimitError) this.#fail(error);
    // A signal arrived together with the error reply, so the object exists by now.
    if (this.#owner !== undefined && signals !== this.#signals) {
      this.#read();
      return this.#reading;
    }
    this.#isUnread = this.#owner !== undefined;
    throw error;
  }

  #onSignal(signal: Message, onSignal: (signal: Message) => void): void {
    if (this.#end !== undefined) return;
    this.#signals++;
    try {
      onSignal(signal);
    } catch (error) {
      if (error instanceof StateLimitError) this.#fail(error);
      else throw error;
    }
    // Also reads if the object did not exist when the service started: a signal shows that it exists now.
    if (this.#isUnread && this.#end === undefined) this.#read();
    this.#isUnread = false;
  }

  /** Ends the sync, because the state of the service exceeds a limit. */
  #fail(reason: StateLimitError): void {
    // The connection ends if the match rules cannot be removed.
    this.end(reason).catch(() => undefined);
    for (const onEnd of [...this.endListeners]) onEnd(reason);
  }

  #onDisconnected(reason: Error): void {
    this.#onOwner(undefined);
    for (const onEnd of [...this.endListeners]) onEnd(reason);
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof ServiceUnknownError || error instanceof NameHasNoOwnerError;
}
