import { MAX_TIMER_MS } from "../async.ts";
import { type DisconnectedError, InvalidReplySignatureError, NoReplyError } from "../standard-errors.ts";
import { describe, InvalidValueError, MalformedMessageError } from "../wire/errors.ts";
import { MessageType } from "../wire/header.ts";
import { MAX_SERIAL } from "../wire/limits.ts";
import type { Message } from "../wire/message.ts";
import { BusCounters, type DropReason } from "./counters.ts";
import { DAEMON } from "./daemon.ts";
import { Deadlines } from "./deadlines.ts";
import type { CallOutcome, CallTrace } from "./diagnostics.ts";
import type { CallOptions, ReadReply, Request } from "./request.ts";
import { SerialTable } from "./serial-table.ts";

/** How long a call waits for its reply, in milliseconds, where nothing else is said. */
const DEFAULT_CALL_TIMEOUT = 25_000;

/** A call that was given a serial, and who may answer it besides the bus. */
export interface SentCall {
  readonly serial: number;
  readonly request: Request;
  /** Released when the call has ended. */
  readonly answerer: { mayAnswer(sender: string | undefined): boolean; release(): void };
  readonly trace?: CallTrace | undefined;
}

/** Calls that wait for their reply, and the serials they hold. */
export class PendingCalls {
  readonly #calls = new SerialTable<PendingCall>();
  readonly #tally: BusCounters;
  readonly #deadlines = new Deadlines(() => this.#calls);
  #serial: number;

  constructor(lastSerial: number, tally: BusCounters = new BusCounters()) {
    this.#serial = lastSerial;
    this.#tally = tally;
  }

  /** How many calls wait. */
  get size(): number {
    return this.#calls.size;
  }

  /** A serial that no waiting call holds; after the largest comes 1 again. */
  nextSerial(): number {
    do this.#serial = this.#serial >= MAX_SERIAL ? 1 : this.#serial + 1;
    while (!this.#calls.hasPlace(this.#serial));
    return this.#serial;
  }

  /** Waits for the reply to a call. */
  wait<T>(call: SentCall, options: CallOptions, read: ReadReply<T>): Promise<T> {
    this.#tally.calls++;
    return new Promise((resolve, reject) => {
      const settle = (reply: Message): void => resolve(read(reply));
      const pending = new PendingCall(call, options, settle, reject, this.#calls, this.#tally);
      this.#calls.add(pending);
      if (pending.deadline < Number.POSITIVE_INFINITY) this.#deadlines.add(pending.deadline);
    });
  }

  /** Hands a reply to the call it answers; gives why it is dropped where it answers none. */
  settle(reply: Message): DropReason | undefined {
    const call = reply.replySerial === undefined ? undefined : this.#calls.get(reply.replySerial);
    if (call === undefined) return "lateReply";
    if (!call.accepts(reply.sender)) return "forgedReply";
    call.onReply(reply);
    return undefined;
  }

  /** Fails every waiting call. */
  failAll(error: DisconnectedError): void {
    for (const call of [...this.#calls]) call.fail("disconnected", error);
    this.#deadlines.clear();
  }
}

class PendingCall {
  readonly serial: number;
  /** As `performance.now` gives it; `Infinity` for none. */
  readonly deadline: number;
  readonly #call: SentCall;
  readonly #signal: AbortSignal | undefined;
  readonly #settle: (reply: Message) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #calls: SerialTable<PendingCall>;
  readonly #tally: BusCounters;
  readonly #timeout: number;
  readonly #abort: (() => void) | undefined;

  constructor(
    call: SentCall,
    { timeout = DEFAULT_CALL_TIMEOUT, signal }: CallOptions,
    settle: (reply: Message) => void,
    reject: (reason: unknown) => void,
    calls: SerialTable<PendingCall>,
    tally: BusCounters,
  ) {
    this.serial = call.serial;
    this.#call = call;
    this.#settle = settle;
    this.#reject = reject;
    this.#calls = calls;
    this.#tally = tally;
    this.#timeout = timeout;
    this.deadline = timeout <= MAX_TIMER_MS ? performance.now() + timeout : Number.POSITIVE_INFINITY;
    this.#signal = signal;
    if (signal === undefined) return;
    this.#abort = () => this.fail("aborted", signal.reason);
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  /** Whether a reply of this unique name counts. The bus speaks for a service that is gone or was never there. */
  accepts(sender: string | undefined): boolean {
    return sender === DAEMON || this.#call.answerer.mayAnswer(sender);
  }

  onReply(reply: Message): void {
    const isError = reply.type === MessageType.Error;
    let outcome: CallOutcome = isError ? "error" : "reply";
    try {
      this.#settle(reply);
    } catch (error) {
      if (error instanceof MalformedMessageError) throw error;
      if (!isError) outcome = "invalid";
      if (isError || error instanceof InvalidReplySignatureError) this.#tally.errors++;
      this.#reject(error);
    }
    this.#finish(outcome, reply.errorName);
  }

  fail(outcome: "timeout" | "aborted" | "disconnected", reason: unknown): void {
    this.#finish(outcome);
    this.#reject(reason);
  }

  expire(): void {
    const { member, destination } = this.#call.request;
    this.#tally.timeouts++;
    const text = `${member} of ${destination} had no reply within ${this.#timeout} ms`;
    this.fail("timeout", new NoReplyError(text));
  }

  #finish(outcome: CallOutcome, errorName?: string): void {
    this.#calls.delete(this.serial);
    this.#call.answerer.release();
    if (this.#abort !== undefined) this.#signal?.removeEventListener("abort", this.#abort);
    this.#call.trace?.(outcome, errorName);
  }
}

/** Throws the signal's reason when it has aborted already, and InvalidValueError for a timeout that is none. */
export function checkOptions({ timeout, signal }: CallOptions): void {
  signal?.throwIfAborted();
  if (timeout !== undefined && !(timeout >= 0)) {
    throw new InvalidValueError(`timeout: expected milliseconds from 0, got ${describe(timeout)}`);
  }
}
