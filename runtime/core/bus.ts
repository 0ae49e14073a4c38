import { backoffOf } from "./bus/backoff.ts";
import { DAEMON } from "./bus/bus-members.ts";
import { withCall } from "./bus/call-error.ts";
import { Connection, type ConnectionReceiver, type Reconnect } from "./bus/connection.ts";
import { BusCounters, type Counters, type DropReason } from "./bus/counters.ts";
import { throwRemoteError } from "./bus/daemon.ts";
import { watchDepartures } from "./bus/departures.ts";
import { reportDrop, traceCall } from "./bus/diagnostics.ts";
import type { Dial } from "./bus/dial.ts";
import { callHeader, type OutgoingSignal, replyHeader, sendableText, signalHeader } from "./bus/message-headers.ts";
import { MessageReceiver } from "./bus/message-receiver.ts";
import type { OwnerListener } from "./bus/name-owners.ts";
import type { NameOptions, NameOwnership } from "./bus/owned-names.ts";
import { checkCallOptions, PendingCalls } from "./bus/pending-calls.ts";
import type { BusPort } from "./bus/port.ts";
import type { CallOptions, CheckedCall, ReadReply, Request } from "./bus/request.ts";
import type { SignalListener } from "./bus/signal-router.ts";
import { createSubscription, type Subscription } from "./bus/subscription.ts";
import { Subscriptions } from "./bus/subscriptions.ts";
import type { Transport } from "./bus/transport.ts";
import { watchName } from "./bus/watch-name.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { warnOfErrors } from "./error-warnings.ts";
import { type ConnectionChange, type ErrorHook, guarded } from "./hooks.ts";
import type { ValidBusName, ValidPath } from "./literal-names.ts";
import { DEFAULT_QUOTAS } from "./quotas.ts";
import { ObjectServer, type ServedObject, type ServedSubtree } from "./service/object-server.ts";
import type { AnyService } from "./service/service.ts";
import type { FindServices, SubtreeOptions } from "./service/subtree.ts";
import { NotSupportedError } from "./standard-errors.ts";
import { type ArgumentsCodec, bodyCodec, NO_ARGUMENTS } from "./wire/arguments-codec.ts";
import { assertSyntax } from "./wire/assert-syntax.ts";
import { NO_DESCRIPTORS } from "./wire/errors.ts";
import { MessageFlag } from "./wire/header.ts";
import { decodeBodyWithDescriptors, type Message } from "./wire/message.ts";
import { isBusName } from "./wire/name-syntax.ts";

const ERROR_TEXT = bodyCodec("s");

/** Values that a bus needs besides its public options. */
interface BusInternals {
  /** Opens another transport for `reconnect`. */
  readonly dial?: Dial;
  /** Handles method calls instead of the served objects. Must not throw anything but MalformedMessageError. */
  readonly onCall?: (call: Message, bus: Bus) => void;
  /** Returns the reply to a call to `org.freedesktop.DBus`, on a connection without a message bus. */
  readonly daemon?: (request: Request) => Message;
}

/**
 * A connection to a message bus, created by `connect`. To call objects without a generated client, use
 * `remoteObject(bus, name, path)` of `@dbus-codegen-ts/runtime/dynamic`.
 */
export class Bus implements BusPort, AsyncDisposable {
  /** Called with errors of this program that no caller awaits, such as those of signal listeners. Does not throw. */
  readonly onError: ErrorHook;
  readonly #counters = new BusCounters();
  readonly #connection: Connection;
  readonly #daemon: BusInternals["daemon"];
  readonly #calls: PendingCalls;
  readonly #subscriptions: Subscriptions;
  readonly #server: ObjectServer;
  readonly #receiver: MessageReceiver;

  /**
   * @param transport - A transport that is authenticated, has received the reply to Hello and is not started.
   *
   * @internal
   */
  constructor(transport: Transport, options: ConnectOptions = {}, { dial, onCall, daemon }: BusInternals = {}) {
    const { onError = warnOfErrors(), refuse } = options;
    const quotas = { ...DEFAULT_QUOTAS, ...options.quotas };
    // An error of the error hook cannot be reported.
    this.onError = guarded(onError, () => undefined);
    this.#daemon = daemon;
    this.#subscriptions = new Subscriptions(
      (request, options, read) => this.request(request, options, read),
      this.onError,
    );
    this.#server = new ObjectServer(this, this.onError, quotas, refuse);
    this.#calls = new PendingCalls(transport.lastSerial, this.#counters);
    const receiver: ConnectionReceiver = {
      onMessage: (message) => this.#receiver.receive(message),
      onDown: (reason, state) => {
        this.#receiver.clear();
        this.#calls.failAll(reason);
        this.#server.lost();
        this.#subscriptions.onDown(reason, state);
      },
      restore: () => this.#subscriptions.restore(),
    };
    const reconnect = dial && reconnectOf(options, dial, this.onError);
    this.#receiver = new MessageReceiver({
      calls: this.#calls,
      subscriptions: this.#subscriptions,
      quotas,
      onCall: onCall ? (call) => onCall(call, this) : (call) => this.#server.handle(call),
      onDrop: (reason, message) => this.drop(reason, message),
      onMalformed: (error) => this.#connection.fail(error),
      onError: this.onError,
    });
    this.#connection = new Connection(transport, receiver, this.#counters, { ...quotas, reconnect });
    this.#connection.start();
  }

  /**
   * Unique name of this connection, such as `:1.42`. The name changes at each reconnect; while the connection is lost,
   * it is the previous name.
   */
  get uniqueName(): string {
    return this.#connection.uniqueName;
  }

  /**
   * Resolves when the connection has ended for good: with the error that ended it, or undefined after `close()`. Never
   * rejects.
   */
  get closed(): Promise<Error | undefined> {
    return this.#connection.closed;
  }

  /**
   * Numbers of messages, bytes, calls and errors since the connection was created. The numbers in the returned object
   * increase with each message.
   */
  get counters(): Counters {
    return this.#counters;
  }

  /** Numbers of calls that wait for a reply, match rules on the bus, and signal listeners. */
  get usage(): { readonly pendingCalls: number; readonly matchRules: number; readonly listeners: number } {
    const { rules, signals } = this.#subscriptions;
    return { pendingCalls: this.#calls.size, matchRules: rules.size, listeners: signals.size };
  }

  /**
   * Resolves when the kernel has taken everything that was sent so far, or the connection is lost. Never rejects. A
   * program that sends much should await it regularly.
   */
  get drained(): Promise<void> {
    return this.#connection.drained();
  }

  /**
   * Calls any method of any object. Literals are checked at compile time.
   *
   * @returns The arguments of the reply, in wire order.
   * @throws InvalidValueError before anything is sent, if a name, path or value is not valid.
   * @throws DBusError if the reply is an error; NoReplyError after the timeout; DisconnectedError if the connection is
   * lost; the signal's reason if it aborts.
   */
  async call<
    Destination extends string,
    Path extends string,
    Interface extends string,
    Member extends string,
    S extends string = "",
  >(call: CheckedCall<Destination, Path, Interface, Member, S>, options: CallOptions = {}): Promise<unknown[]> {
    const { destination, path, interface: interfaceName, member, signature = "", args = [] } = call;
    const codec = bodyCodec(signature);
    // A spread of the call would have a separate store for its properties, which costs a tenth of the time of a call.
    const request: Request = { destination, path, interface: interfaceName, member, codec, args, replyCodec: "any" };
    // With `await`, the stack of an error contains the caller.
    return await this.request(request, options, (reply) => {
      throwRemoteError(reply);
      return decodeBodyWithDescriptors(reply, bodyCodec(reply.signature));
    });
  }

  /**
   * Sends a call and waits for its reply, which may be an error. Only the called connection, or the bus, can reply.
   *
   * @internal
   */
  async request<T>(request: Request, options: CallOptions, read: ReadReply<T>): Promise<T> {
    checkCallOptions(options);
    assertSyntax(request.destination, isBusName, "destination", "a bus name");
    this.#checkDescriptors(request);
    if (this.#daemon !== undefined && request.destination === DAEMON) return read(this.#daemon(request));
    const serial = this.#calls.nextSerial();
    const header = callHeader(request, serial, options, 0);
    const encoded = this.#connection.encode(header, request.codec, request.args);
    const watch = this.#subscriptions.owners.watchForCall(request.destination);
    const trace = traceCall(this.uniqueName, request);
    const reply = this.#calls.wait({ serial, request, watch, trace }, options, read);
    this.#connection.write(header, request.codec, encoded);
    try {
      return await reply;
    } catch (error) {
      throw withCall(error, request);
    }
  }

  /** Throws NotSupportedError if the reply to a call contains file descriptors that this connection cannot receive. */
  #checkDescriptors({ replyCodec, member }: Request): void {
    if (this.#connection.maxDescriptors > 0 || replyCodec === undefined || replyCodec === "any") return;
    if (replyCodec.signature.includes("h")) throw new NotSupportedError(`${member}: ${NO_DESCRIPTORS}`);
  }

  /**
   * Sends a call that gets no reply.
   *
   * @internal
   */
  send(request: Request, options: CallOptions = {}): void {
    checkCallOptions(options);
    const header = callHeader(request, this.#calls.nextSerial(), options, MessageFlag.NoReplyExpected);
    this.#connection.send(header, request.codec, request.args);
  }

  /**
   * Sends a signal to all connections that have a match rule for it, or to one destination.
   *
   * @internal
   */
  emit(signal: OutgoingSignal): void {
    this.#connection.send(signalHeader(signal, this.#calls.nextSerial()), signal.codec, signal.args);
  }

  /**
   * Replies to a call with values. Throws InvalidValueError, and sends nothing, if the values do not fit the codec.
   *
   * @internal
   */
  reply(call: Message, codec: ArgumentsCodec = NO_ARGUMENTS, values: readonly unknown[] = []): void {
    this.#connection.send(replyHeader(call, this.#calls.nextSerial()), codec, values);
  }

  /**
   * Replies to a call with an error. Throws InvalidValueError, and sends nothing, if the name is not valid.
   *
   * @internal
   */
  replyError(call: Message, errorName: string, text: string): void {
    const header = replyHeader(call, this.#calls.nextSerial(), errorName);
    this.#connection.send(header, ERROR_TEXT, [sendableText(text)]);
  }

  /**
   * Listens to a signal of the current owner of a name. Resolves when no later signal can be missed.
   *
   * @returns A function that ends listening.
   *
   * @internal
   */
  listen(listener: SignalListener): Promise<() => Promise<void>> {
    return this.#subscriptions.signals.listen(listener);
  }

  /**
   * Requests a well-known name. After a reconnect the name is requested on the new connection.
   *
   * @returns The ownership of the name. Its `state` shows whether this connection owns the name, waits in the queue for
   * it, or does neither because the name is taken. The result may be ignored.
   * @throws InvalidValueError if the name is not valid; DBusError if the bus does not allow it.
   */
  requestName<Name extends string>(name: Name & ValidBusName<Name>, options: NameOptions = {}): Promise<NameOwnership> {
    return this.#subscriptions.names.request(name, options);
  }

  /** Releases a well-known name, or its place in the queue. Has no effect if this connection has neither. */
  releaseName<Name extends string>(name: Name & ValidBusName<Name>): Promise<void> {
    return this.#subscriptions.names.release(name);
  }

  /**
   * Watches the owner of a bus name. The listener is called with the unique name of the owner, or undefined if the name
   * has no owner: once before the promise resolves, and at each change. When the connection is lost, the listener is
   * called with undefined; after a reconnect, with the owner at that time. After the loss of the connection, a watched
   * unique name never has an owner.
   *
   * @throws InvalidValueError if the name is not valid; DBusError if the bus does not allow it.
   */
  watchName<Name extends string>(name: Name & ValidBusName<Name>, listener: OwnerListener): Promise<Subscription> {
    return watchName(this.#subscriptions.owners, name, listener, this.onError);
  }

  /**
   * Calls a listener with the unique name of each connection that leaves the bus. If this connection itself is lost,
   * the listener is not called; all unique names are then invalid. Resolves when no later departure can be missed.
   *
   * @throws DBusError if the bus does not allow it.
   */
  async watchDepartures(listener: (uniqueName: string) => void): Promise<Subscription> {
    return createSubscription(await watchDepartures(this, listener));
  }

  /**
   * Serves interfaces at a path, in addition to those already served there. Every object also has Introspectable,
   * Properties and Peer of `org.freedesktop.DBus`. A service may be served at several paths.
   *
   * @returns A handle that ends serving the interfaces.
   * @throws InvalidValueError if the path is not valid; Error if the object already has one of the interfaces.
   */
  async serve<Path extends string>(
    path: Path & ValidPath<Path>,
    ...services: readonly AnyService[]
  ): Promise<ServedObject> {
    return this.#server.serve(path, services);
  }

  /**
   * Adds `org.freedesktop.DBus.ObjectManager` to the object at a path: clients get all objects served below it in one
   * call, and signals when services are served or closed there. Objects that a subtree finds are not included.
   *
   * @returns A handle that removes the interface.
   * @throws InvalidValueError if the path is not valid; Error if the object already has the interface.
   */
  async serveObjectManager<Path extends string>(path: Path & ValidPath<Path>): Promise<ServedObject> {
    return this.#server.serveObjectManager(path);
  }

  /**
   * Serves the objects below a path. The function `find` finds an object when the object is called, so that objects
   * need no memory before. Services that are served with `serve` below the path take precedence.
   *
   * @param find - Called for each method call, to find the services of an object. If it throws an error, the reply is
   * that error, as with methods of services.
   * @returns A handle that ends serving the objects.
   * @throws InvalidValueError if the path is not valid; Error if the path already has a subtree.
   */
  async serveSubtree<Path extends string>(
    path: Path & ValidPath<Path>,
    find: FindServices,
    options: SubtreeOptions = {},
  ): Promise<ServedSubtree> {
    return this.#server.serveSubtree(path, find, options);
  }

  /**
   * Counts and reports a message that was not used, or was used only in part.
   *
   * @internal
   */
  drop(reason: DropReason, message: Message): void {
    this.#counters.drops[reason]++;
    reportDrop(this.uniqueName, reason, message);
  }

  /**
   * Sends all queued messages and closes for good. Resolves when the bus has read them, at the latest after 5 seconds.
   * Pending calls fail with DisconnectedError at once. Repeated calls have no effect.
   */
  close(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function reconnectOf(options: ConnectOptions, dial: Dial, onError: ErrorHook): Reconnect | undefined {
  const { reconnect = false, onConnection } = options;
  if (reconnect === false) return undefined;
  const reportChange = guarded<[ConnectionChange]>(
    (change) => onConnection?.(change),
    (error) => onError(error, { kind: "connectionHook" }),
  );
  return { ...backoffOf(reconnect === true ? {} : reconnect), dial, onConnection: reportChange };
}
