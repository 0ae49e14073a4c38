import type { ErrorHook } from "../hooks.ts";
import { LimitsExceededError } from "../standard-errors.ts";
import { type ArgumentsCodec, bodyCodec, NO_ARGUMENTS } from "../wire/arguments-codec.ts";
import { check, type Header, type Message, MessageFlag, MessageType, takeBody } from "../wire/message.ts";
import { isBusName } from "../wire/name-syntax.ts";
import { Connection, type ConnectionHandlers, type Reconnect } from "./connection.ts";
import { BusCounters, type Counters, type DropReason } from "./counters.ts";
import { DAEMON, throwRemoteError } from "./daemon.ts";
import { reportDrop, reportReceived, reportSent, traceCall } from "./diagnostics.ts";
import type { BusHandlers } from "./handlers.ts";
import {
  answerHeader,
  callHeader,
  type Encoded,
  MessageEncoder,
  type OutgoingSignal,
  sendableText,
  signalHeader,
} from "./message-encoder.ts";
import type { OwnerListener } from "./name-owners.ts";
import type { NameOptions, NameOwnership } from "./owned-names.ts";
import { checkOptions, PendingCalls } from "./pending-calls.ts";
import type { CallOptions, MethodCall, ReadReply, Request } from "./request.ts";
import type { SignalListener } from "./signal-router.ts";
import type { Subscription } from "./subscription.ts";
import { Subscriptions } from "./subscriptions.ts";
import type { Transport } from "./transport.ts";
import { watchName } from "./watch-name.ts";

/** How many bytes may wait to be sent where nothing else is said: 64 MiB. */
const MAX_QUEUED_BYTES = 2 ** 26;
const ERROR_TEXT = bodyCodec("s");

/** A connection to a message bus: sends and receives messages, and knows of no interface but the bus's own. */
export class MessageBus implements AsyncDisposable {
  /** Is told of errors of this program that nobody awaits, such as those of signal listeners. */
  readonly onError: ErrorHook;
  readonly #tally = new BusCounters();
  readonly #connection: Connection;
  readonly #calls: PendingCalls;
  readonly #registrations = new Subscriptions((request, options, read) => this.request(request, options, read));
  readonly #onCall: BusHandlers["onCall"];
  readonly #encoder = new MessageEncoder();
  readonly #maxQueuedBytes: number;

  /**
   * @param transport - Past authentication and Hello; not started yet.
   * @param reconnect - How to make another transport when this one is lost; absent where the loss is the end.
   * @param maxQueuedBytes - Past this many bytes that the kernel has not taken, sending throws LimitsExceededError.
   *
   * @internal
   */
  constructor(
    transport: Transport,
    { onCall, onLost, onError }: BusHandlers,
    reconnect?: Reconnect,
    maxQueuedBytes = MAX_QUEUED_BYTES,
  ) {
    this.#maxQueuedBytes = maxQueuedBytes;
    this.#onCall = onCall;
    this.onError = onError;
    this.#calls = new PendingCalls(transport.lastSerial, this.#tally);
    const handlers: ConnectionHandlers = {
      onMessage: (message) => this.#dispatch(message),
      onDown: (reason, aftermath) => {
        this.#calls.failAll(reason);
        onLost?.();
        this.#registrations.down(reason, aftermath);
      },
      restore: () => this.#registrations.restore(),
    };
    this.#connection = new Connection(transport, handlers, this.#tally, reconnect);
    this.#connection.start();
  }

  /** Own unique name, such as `:1.42`. Another after each reconnect; while the connection is lost, the last one. */
  get uniqueName(): string {
    return this.#connection.uniqueName;
  }

  /**
   * Resolves when the connection has ended and is not made again: with the fault that ended it, or undefined after
   * `close()`. Never rejects.
   */
  get closed(): Promise<Error | undefined> {
    return this.#connection.closed;
  }

  /** What the connection has done so far: a live view. */
  get counters(): Counters {
    return this.#tally;
  }

  /** How much the connection holds: calls that wait for a reply, match rules on the bus, signal listeners. */
  get usage(): { readonly pendingCalls: number; readonly matchRules: number; readonly listeners: number } {
    const { rules, signals } = this.#registrations;
    return { pendingCalls: this.#calls.size, matchRules: rules.size, listeners: signals.size };
  }

  /**
   * Resolves when the kernel has taken everything that was sent so far, or the connection is lost. Never rejects. Whoever
   * sends much waits for it now and then.
   */
  get drained(): Promise<void> {
    return this.#connection.drained();
  }

  /**
   * Calls any method of any object.
   *
   * @returns The arguments of the reply, in wire order.
   * @throws InvalidValueError before anything is sent, when a name, path or value is not valid.
   * @throws DBusError as the peer answers; NoReplyError after the timeout; DisconnectedError when the connection is lost
   * or was lost and is not back; the signal's reason when it aborts.
   */
  async call(call: MethodCall, options: CallOptions = {}): Promise<unknown[]> {
    const codec = bodyCodec(call.signature ?? "");
    return this.request({ ...call, codec, args: call.args ?? [] }, options, (reply) => {
      throwRemoteError(reply);
      return takeBody(reply, bodyCodec(reply.signature));
    });
  }

  /**
   * Sends a call and waits for its reply, which may be an error. Only whom was called, or the bus, can answer.
   *
   * @internal
   */
  request<T>(request: Request, options: CallOptions, read: ReadReply<T>): Promise<T> {
    try {
      checkOptions(options);
      check(request.destination, isBusName, "destination", "a bus name");
      const serial = this.#calls.nextSerial();
      const header = callHeader(request, serial, options, 0);
      const encoded = this.#encode(header, request.codec, request.args);
      const answerer = this.#registrations.owners.watchForCall(request.destination);
      const trace = traceCall(this.uniqueName, request);
      const reply = this.#calls.wait({ serial, request, answerer, trace }, options, read);
      this.#send(header, request.codec.signature, encoded);
      return reply;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends a call that nobody answers.
   *
   * @internal
   */
  send(request: Request, options: CallOptions = {}): void {
    checkOptions(options);
    const header = callHeader(request, this.#calls.nextSerial(), options, MessageFlag.NoReplyExpected);
    this.#write(header, request.codec, request.args);
  }

  /**
   * Sends a signal: to everybody who listens, or to one destination.
   *
   * @internal
   */
  emit(signal: OutgoingSignal): void {
    this.#write(signalHeader(signal, this.#calls.nextSerial()), signal.codec, signal.args);
  }

  /**
   * Answers a call with values. Throws InvalidValueError, and sends nothing, when they do not fit the codec.
   *
   * @internal
   */
  reply(call: Message, codec: ArgumentsCodec = NO_ARGUMENTS, values: readonly unknown[] = []): void {
    this.#write(answerHeader(call, this.#calls.nextSerial()), codec, values);
  }

  /**
   * Answers a call with an error. Throws InvalidValueError, and sends nothing, when the name is not valid.
   *
   * @internal
   */
  replyError(call: Message, errorName: string, text: string): void {
    this.#write(answerHeader(call, this.#calls.nextSerial(), errorName), ERROR_TEXT, [sendableText(text)]);
  }

  /**
   * Listens to a signal of the current owner of a name; resolves when no later one can be missed.
   *
   * @internal
   */
  listen(listener: SignalListener): Promise<() => Promise<void>> {
    return this.#registrations.signals.listen(listener);
  }

  /**
   * Requests a well-known name. Where the connection is made again after a loss, the name is requested again too.
   *
   * @returns The name as this connection has it: its `state` says whether it owns it, waits in the queue, or the name is
   * taken. The result may be ignored.
   * @throws InvalidValueError when the name is not valid; DBusError when the bus does not allow it.
   */
  requestName(name: string, options: NameOptions = {}): Promise<NameOwnership> {
    return this.#registrations.names.request(name, options);
  }

  /** Gives up a well-known name or its place in the queue; nothing happens where there is neither. */
  releaseName(name: string): Promise<void> {
    return this.#registrations.names.release(name);
  }

  /**
   * Follows who owns a bus name: the listener is called with the unique name of the owner, or undefined where nobody owns
   * the name, before the promise resolves, and at each change. When the connection is lost nobody owns it; when it is
   * back the listener hears who does then. A unique name that was lost so is never owned again.
   *
   * @throws InvalidValueError when the name is not valid; DBusError when the bus does not allow it.
   */
  watchName(name: string, listener: OwnerListener): Promise<Subscription> {
    return watchName(this.#registrations.owners, name, listener, this.onError);
  }

  /**
   * Counts and reports a message that was not used, or not all of it.
   *
   * @internal
   */
  drop(reason: DropReason, message: Message): void {
    this.#tally.drops[reason]++;
    reportDrop(this.uniqueName, reason, message);
  }

  /** Sends what is queued and closes for good. Waiting calls fail with DisconnectedError; closing again does nothing. */
  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #encode(header: Header, codec: ArgumentsCodec, values: readonly unknown[]): Encoded {
    const { failure } = this.#connection;
    if (failure !== undefined) throw failure;
    const { queued } = this.#connection;
    if (queued === 0) this.#encoder.reuse();
    // What is said to the bus itself is small, and its match rules must not stay behind.
    else if (queued > this.#maxQueuedBytes && header.destination !== DAEMON) {
      throw new LimitsExceededError(`more than ${this.#maxQueuedBytes} bytes wait to be sent`);
    }
    return this.#encoder.encode(header, codec, values, this.#connection.maxDescriptors);
  }

  #write(header: Header, codec: ArgumentsCodec, values: readonly unknown[]): void {
    this.#send(header, codec.signature, this.#encode(header, codec, values));
  }

  #send(header: Header, signature: string, { bytes, descriptors }: Encoded): void {
    reportSent(this.uniqueName, header, signature, bytes.length);
    this.#connection.write(bytes, descriptors);
    this.#encoder.queued();
  }

  #dispatch(message: Message): void {
    reportReceived(this.uniqueName, message);
    try {
      const dropped = this.#take(message);
      if (dropped !== undefined) this.drop(dropped, message);
    } finally {
      // Who serves a call may still wait with it.
      if (message.type !== MessageType.MethodCall) message.descriptors?.close();
    }
  }

  #take(message: Message): DropReason | undefined {
    switch (message.type) {
      case MessageType.MethodCall:
        this.#onCall(message, this);
        return undefined;
      case MessageType.MethodReturn:
      case MessageType.Error:
        return this.#calls.settle(message);
      case MessageType.Signal:
        return this.#registrations.hear(message);
      default:
        return undefined;
    }
  }
}
