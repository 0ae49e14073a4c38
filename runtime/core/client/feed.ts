import type { BusPort } from "../bus/port.ts";
import type { Request } from "../bus/request.ts";
import type { SignalListener } from "../bus/signal-router.ts";
import { NameHasNoOwnerError, ServiceUnknownError } from "../standard-errors.ts";
import { MissingDescriptorError } from "../wire/errors.ts";
import { MessageType } from "../wire/header.ts";
import type { Message } from "../wire/message.ts";

/** A state that a service has: which signals change it, which call reads it, and where both are taken. */
export interface FeedTarget {
  readonly signals: readonly Omit<SignalListener, "sender" | "onOwner" | "onEnd">[];
  readonly read: Request;
  /** The call is sent now; gives the moment. */
  begin(): number;
  /** Takes the reply to the call that was sent at that moment, or throws what it fails with. */
  fill(reply: Message, since: number): void;
  /** There is no usable reply to the call that was sent at that moment. */
  failed(since: number): void;
  /** Nothing is known any more. */
  clear(): void;
}

/**
 * Feeds a target from a service: subscribes, then reads everything, and reads it again whenever the name has another
 * owner. The bus takes what is sent in order: what is read after the match rules were asked for misses no change.
 */
export class Feed {
  /** How many use it. */
  uses = 0;
  /** Are told when the connection ends. */
  readonly enders = new Set<(reason: Error) => void>();
  /** Resolves when all is read, or nobody owns the name; rejects, with the feed ended, when it is refused. */
  readonly ready: Promise<void>;
  readonly #bus: BusPort;
  readonly #target: FeedTarget;
  #owner: string | undefined;
  /** How often the owner has changed. */
  #changes = 0;
  #listening = false;
  /** Ends waiting for a reading that does not count any more. */
  #wake: () => void = () => undefined;
  /** The last reading. */
  #reading: Promise<void> | undefined;
  /** How many signals were heard. */
  #signals = 0;
  /** Whether reading failed, though somebody owns the name. */
  #unread = false;
  #end: Error | undefined;
  #closes: readonly (() => Promise<void>)[] = [];

  constructor(bus: BusPort, target: FeedTarget) {
    this.#bus = bus;
    this.#target = target;
    this.ready = this.#begin();
  }

  /** Ends it; the target is cleared at once. Where it was about to begin, `ready` rejects with the reason. */
  async end(reason: Error): Promise<void> {
    if (this.#end === undefined) this.#target.clear();
    this.#end ??= reason;
    this.#wake();
    await Promise.all(this.#closes.map((close) => close()));
  }

  async #begin(): Promise<void> {
    const asked = this.#listen();
    this.#listening = true;
    if (this.#owner !== undefined) this.#read();
    try {
      const results = await Promise.allSettled(asked);
      this.#closes = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      const refused = results.find((result) => result.status === "rejected");
      if (refused !== undefined) throw refused.reason;
      // Nobody owns the name: this starts a service that can be started, and is read as it takes the name.
      if (this.#owner === undefined && this.#end === undefined) this.#read();
      await this.#settled();
      if (this.#end !== undefined) throw this.#end;
    } catch (error) {
      await this.end(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  #listen(): Promise<() => Promise<void>>[] {
    const { signals, read } = this.#target;
    return signals.map(({ onSignal, ...signal }, index) => {
      const own = {
        ...signal,
        sender: read.destination,
        onSignal: (message: Message) => this.#heard(message, onSignal),
      };
      if (index > 0) return this.#bus.listen(own);
      const onOwner = (owner: string | undefined): void => this.#owned(owner);
      return this.#bus.listen({ ...own, onOwner, onEnd: (reason) => this.#disconnected(reason) });
    });
  }

  /** Waits for the reading of the owner that the name has then; an earlier owner may never answer. */
  async #settled(): Promise<void> {
    for (let changes = -1; changes !== this.#changes; ) {
      changes = this.#changes;
      const changed = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.race([this.#reading, changed]);
    }
  }

  #owned(owner: string | undefined): void {
    if (this.#end !== undefined) return;
    this.#owner = owner;
    this.#changes++;
    this.#reading = undefined;
    this.#wake();
    this.#unread = false;
    this.#target.clear();
    // A name that is known already has its owner told before the match rules are asked for.
    if (owner !== undefined && this.#listening) this.#read();
  }

  #read(): void {
    const changes = this.#changes;
    const since = this.#target.begin();
    const signals = this.#signals;
    this.#reading = this.#bus
      .request(this.#target.read, {}, (reply) => this.#fill(reply, since))
      .catch((error: unknown) => {
        this.#target.failed(since);
        return this.#failed(error, changes, signals);
      });
    // Who starts the feed awaits it; later there is nobody to tell.
    this.#reading.catch(() => undefined);
  }

  #fill(reply: Message, since: number): void {
    // A reply of an earlier owner says nothing of this one. The bus may answer for somebody, with an error.
    if (this.#end !== undefined || (reply.sender !== this.#owner && reply.type === MessageType.MethodReturn)) return;
    this.#target.fill(reply, since);
  }

  /** A failure counts only where the name has still the owner that it had, or none. */
  #failed(error: unknown, changes: number, signals: number): Promise<void> | undefined {
    if (this.#end !== undefined || this.#changes !== changes || isAbsence(error)) return undefined;
    // It spoke behind its failure, in one piece with it: the object is there by now.
    if (this.#owner !== undefined && signals !== this.#signals) {
      this.#read();
      return this.#reading;
    }
    this.#unread = this.#owner !== undefined;
    throw error;
  }

  #heard(signal: Message, onSignal: (signal: Message) => void): void {
    if (this.#end !== undefined) return;
    this.#signals++;
    try {
      onSignal(signal);
    } catch (error) {
      if (!(error instanceof MissingDescriptorError)) throw error;
      // What else it said is lost with it.
      this.#target.clear();
      this.#unread = true;
    }
    // Also where the object was not there when its service came: now it is.
    if (this.#unread) this.#read();
    this.#unread = false;
  }

  #disconnected(reason: Error): void {
    this.#owned(undefined);
    for (const onEnd of [...this.enders]) onEnd(reason);
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof ServiceUnknownError || error instanceof NameHasNoOwnerError;
}
