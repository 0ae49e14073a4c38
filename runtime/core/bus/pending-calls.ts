import { MAX_TIMER_MS } from "../async.ts";
import { type DisconnectedError, InvalidReplySignatureError, NoReplyError } from "../standard-errors.ts";
import { type ArgumentsCodec, bodyCodec } from "../wire/arguments-codec.ts";
import { describeValue, InvalidValueError } from "../wire/errors.ts";
import { MessageType } from "../wire/header.ts";
import { MAX_SERIAL } from "../wire/limits.ts";
import type { Message } from "../wire/message.ts";
import { type AbortListener, addAbortListener, removeAbortListener } from "./abort-listeners.ts";
import { DAEMON } from "./bus-members.ts";
import { BusCounters, type DropReason } from "./counters.ts";
import { Deadlines } from "./deadlines.ts";
import type { CallOutcome, CallTrace } from "./diagnostics.ts";
import type { CallOptions, ReadReply, Request } from "./request.ts";
import { SerialTable } from "./serial-table.ts";

/** Milliseconds that a call waits for its reply by default. */
const DEFAULT_CALL_TIMEOUT_MS = 25_000;

/** A call with its serial and the connection that may reply. */
export interface SentCall {
  readonly serial: number;
  readonly request: Request;
  /** Decides which sender, besides the bus, may reply. Released when the call has ended. */
  readonly watch: { mayReply(sender: string | undefined): boolean; release(): void };
  readonly trace?: CallTrace | undefined;
}

/** Calls that wait for a reply, by serial. */
export class PendingCalls {
  readonly #calls = new SerialTable<PendingCall>();
  readonly #counters: BusCounters;
  readonly #deadlines = new Deadlines(() => this.#calls);
  #serial: number;

  constructor(lastSerial: number, counters: BusCounters = new BusCounters()) {
    this.#serial = lastSerial;
    this.#counters = counters;
  }

  /** Number of calls that wait for a reply. */
  get size(): number {
    return this.#calls.size;
  }

  /** Returns the next serial that no pending call has. The largest serial is followed by 1. */
  nextSerial(): number {
    do this.#serial = this.#serial >= MAX_SERIAL ? 1 : this.#serial + 1;
    while (!this.#calls.isSlotFree(this.#serial));
    return this.#serial;
  }

  /** Adds a call. Resolves with the result of `read` for its reply. */
  wait<T>(call: SentCall, options: CallOptions, read: ReadReply<T>): Promise<T> {
    this.#counters.calls++;
    return new Promise((resolve, reject) => {
      const settle = (reply: Message): void => resolve(read(reply));
      const pending = new PendingCall(call, options, settle, reject, this.#calls, this.#counters);
      this.#calls.add(pending);
      if (pending.deadline < Number.POSITIVE_INFINITY) this.#deadlines.add(pending.deadline);
    });
  }

  /** Passes a reply to its call. Returns why the reply is dropped, or undefined if it is used. */
  settle(reply: Message): DropReason | undefined {
    const call = this.#callOf(reply);
    if (!(call instanceof PendingCall)) return call;
    call.onReply(reply);
    return undefined;
  }

  /**
   * Fails the call of a reply whose body must not be read. Returns why the reply is dropped, or undefined if it is
   * used.
   */
  settleUnread(reply: Message, error: Error): DropReason | undefined {
    const call = this.#callOf(reply);
    if (!(call instanceof PendingCall)) return call;
    call.onUnread(error);
    return undefined;
  }

  /** Returns the known codecs with which the body of a reply will be read; undefined if the body will not be read. */
  codecsOf(reply: Message): readonly ArgumentsCodec[] | undefined {
    const call = this.#callOf(reply);
    if (!(call instanceof PendingCall) || reply.type === MessageType.Error) return undefined;
    const { replyCodec } = call.request;
    if (replyCodec === undefined) return [];
    const codec = replyCodec === "any" ? bodyCodec(reply.signature) : replyCodec;
    return codec.signature === reply.signature ? [codec] : undefined;
  }

  #callOf(reply: Message): PendingCall | DropReason {
    const call = reply.replySerial === undefined ? undefined : this.#calls.get(reply.replySerial);
    if (call === undefined) return "lateReply";
    return call.accepts(reply.sender) ? call : "forgedReply";
  }

  /** Rejects every pending call. */
  failAll(error: DisconnectedError): void {
    for (const call of [...this.#calls]) call.fail("disconnected", error);
    this.#deadlines.clear();
  }
}

class PendingCall implements AbortListener {
  readonly serial: number;
  /** Time at which the call expires, as `performance.now()` returns it; `Infinity` if the call has no timeout. */
  readonly deadline: number;
  readonly #call: SentCall;
  readonly #signal: AbortSignal | undefined;
  readonly #settle: (reply: Message) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #calls: SerialTable<PendingCall>;
  readonly #counters: BusCounters;
  readonly #timeout: number;

  constructor(
    call: SentCall,
    { timeout = DEFAULT_CALL_TIMEOUT_MS, signal }: CallOptions,
    settle: (reply: Message) => void,
    reject: (reason: unknown) => void,
    calls: SerialTable<PendingCall>,
    counters: BusCounters,
  ) {
    this.serial = call.serial;
    this.#call = call;
    this.#settle = settle;
    this.#reject = reject;
    this.#calls = calls;
    this.#counters = counters;
    this.#timeout = timeout;
    this.deadline = timeout <= MAX_TIMER_MS ? performance.now() + timeout : Number.POSITIVE_INFINITY;
    this.#signal = signal;
    if (signal !== undefined) addAbortListener(signal, this);
  }

  get request(): Request {
    return this.#call.request;
  }

  /** Returns whether this unique name may reply. The bus replies for a service that has left or does not exist. */
  accepts(sender: string | undefined): boolean {
    return sender === DAEMON || this.#call.watch.mayReply(sender);
  }

  onReply(reply: Message): void {
    const isError = reply.type === MessageType.Error;
    let outcome: CallOutcome = isError ? "error" : "reply";
    try {
      this.#settle(reply);
    } catch (error) {
      if (!isError) outcome = "invalid";
      if (isError || error instanceof InvalidReplySignatureError) this.#counters.errors++;
      this.#reject(error);
    }
    this.#finish(outcome, reply.errorName);
  }

  /** Fails the call, because its reply must not be read. */
  onUnread(error: Error): void {
    this.#counters.errors++;
    this.#reject(error);
    this.#finish("invalid");
  }

  fail(outcome: "timeout" | "aborted" | "disconnected", reason: unknown): void {
    this.#finish(outcome);
    this.#reject(reason);
  }

  abort(reason: unknown): void {
    this.fail("aborted", reason);
  }

  expire(): void {
    const { member, destination } = this.#call.request;
    this.#counters.timeouts++;
    const text = `${member} of ${destination} had no reply within ${this.#timeout} ms`;
    this.fail("timeout", new NoReplyError(text));
  }

  #finish(outcome: CallOutcome, errorName?: string): void {
    this.#calls.delete(this.serial);
    this.#call.watch.release();
    if (this.#signal !== undefined) removeAbortListener(this.#signal, this);
    this.#call.trace?.(outcome, errorName);
  }
}

/** Throws the signal's reason if it has already aborted, and InvalidValueError if the timeout is invalid. */
export function checkCallOptions({ timeout, signal }: CallOptions): void {
  signal?.throwIfAborted();
  if (timeout !== undefined && !(timeout >= 0)) {
    throw new InvalidValueError(`timeout: expected milliseconds from 0, got ${describeValue(timeout)}`);
  }
}
