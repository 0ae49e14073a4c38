import type { BusPort } from "../bus/port.ts";
import type { Request } from "../bus/request.ts";
import type { SignalListener } from "../bus/signal-router.ts";
import { errorOf } from "../errors.ts";
import { LimitsExceededError, NameHasNoOwnerError, ServiceUnknownError } from "../standard-errors.ts";
import { MissingDescriptorError } from "../wire/errors.ts";
import { MessageType } from "../wire/header.ts";
import type { Message } from "../wire/message.ts";

/** A service whose state is larger than the limits allow. */
export class StateLimitError extends LimitsExceededError {}

/** A local copy of the state of a service: the signals that change it, the call that reads it, and where both are stored. */
export interface SyncedState {
  readonly signals: readonly Omit<SignalListener, "sender" | "onOwner" | "onEnd">[];
  readonly read: Request;
  /** Called when the read call is sent. Returns the current time of the copy's clock. */
  begin(): number;
  /**
   * Stores the reply to the call that was sent at the time `since`. Throws if the reply is an error or invalid. Throws
   * StateLimitError, as `onSignal` does, which ends the sync.
   */
  fill(reply: Message, since: number): void;
  /** Called when the call that was sent at the time `since` gets no usable reply. */
  failed(since: number): void;
  /** Forgets the state. */
  clear(): void;
}

/**
 * Keeps a local copy of the state of a service up to date. It subscribes, then reads the state, and reads it at each change
 * of the name's owner. The bus handles messages in order, so a read that follows the match rules misses no change.
 */
export class StateSync {
  /** Number of users. */
  uses = 0;
  /** Functions that are called when the connection ends or a limit is exceeded. */
  readonly endListeners = new Set<(reason: Error) => void>();
  /** Resolves when the state is read, or the name has no owner. Rejects, with the sync ended, if it is refused. */
  readonly ready: Promise<void>;
  readonly #bus: BusPort;
  readonly #state: SyncedState;
  #owner: string | undefined;
  /** Number of changes of the owner. */
  #ownerChanges = 0;
  #isListening = false;
  /** Ends waiting for a read that is out of date. */
  #wake: () => void = () => undefined;
  /** The last read. */
  #reading: Promise<void> | undefined;
  /** Number of received signals. */
  #signals = 0;
  /** Whether the read failed although the name has an owner. */
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
        onUnreadable: () => this.#onUnreadable(),
      };
      if (index > 0) return this.#bus.listen(listener);
      const onOwner = (owner: string | undefined): void => this.#onOwner(owner);
      return this.#bus.listen({ ...listener, onOwner, onEnd: (reason) => this.#onDisconnected(reason) });
    });
  }

  /** Waits for the read from the current owner. A previous owner may never reply. */
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
    // If the bus connection knows the owner already, it reports it before the match rules are requested.
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

  /** Ignores a failure if the owner has changed since the call, or the name has no owner. */
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
      else if (error instanceof MissingDescriptorError) this.#onUnreadable();
      else throw error;
    }
    // Also reads if the object did not exist when the service started: a signal shows that it exists now.
    if (this.#isUnread && this.#end === undefined) this.#read();
    this.#isUnread = false;
  }

  /** Reads the state, because the changes that a signal announces are lost. */
  #onUnreadable(): void {
    if (this.#end !== undefined) return;
    this.#state.clear();
    this.#isUnread = false;
    this.#read();
  }

  /** Ends the sync, because the service has too much state. */
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
