import type { ErrorHook } from "../hooks.ts";
import { DisconnectedError, remoteError } from "../standard-errors.ts";
import { type ArgumentsCodec, bodyCodec, NO_ARGUMENTS } from "../wire/arguments.ts";
import { MalformedMessageError } from "../wire/faults.ts";
import { Deframer } from "../wire/frame.ts";
import { check, errorText, type Header, type Message, MessageFlag, MessageType, readBody } from "../wire/message.ts";
import { isBusName } from "../wire/names.ts";
import { type CallOptions, checkOptions, PendingCalls, type ReadReply } from "./calls.ts";
import { DAEMON, DAEMON_BODIES, DAEMON_PATH } from "./daemon.ts";
import { MatchRules } from "./matches.ts";
import {
  answerHeader,
  callHeader,
  MessageEncoder,
  type MethodCall,
  type OutgoingSignal,
  type Request,
  sendableText,
  signalHeader,
} from "./outgoing.ts";
import { NameOwners } from "./owners.ts";
import { type SignalListener, SignalRouter } from "./signals.ts";
import type { Transport } from "./transport.ts";

/** How a bus name is requested; what is absent is false. */
export interface NameOptions {
  /** Another connection may take the name over. */
  readonly allowReplacement?: boolean;
  /** Take the name over from an owner that allows it. */
  readonly replaceExisting?: boolean;
  /** Wait in the queue for a name that is taken. */
  readonly queue?: boolean;
}

/** What a connection calls. */
export interface BusHandlers {
  /** Takes a method call. Must not throw anything but MalformedMessageError. */
  onCall(call: Message, bus: MessageBus): void;
  /** Is told of errors that nobody awaits. Must not throw. */
  readonly onError: ErrorHook;
}

/** A connection to a message bus: sends and receives messages, and knows of no interface but the bus's own. */
export class MessageBus implements AsyncDisposable {
  /** Own unique name, such as `:1.42`. */
  readonly uniqueName: string;
  /** Resolves when the connection is closed: with the fault that ended it, or undefined after `close()`. Never rejects. */
  readonly closed: Promise<Error | undefined>;
  /** Is told of errors of this program that nobody awaits, such as those of signal listeners. */
  readonly onError: ErrorHook;
  readonly #transport: Transport;
  readonly #deframer = new Deframer();
  readonly #calls: PendingCalls;
  readonly #rules = new MatchRules((member, rule) => this.#askBus(member, DAEMON_BODIES.rule, [rule]));
  readonly #owners = new NameOwners(this.#rules, (name, answered) => this.#askOwner(name, answered));
  readonly #signals = new SignalRouter(this.#rules, this.#owners);
  readonly #onCall: BusHandlers["onCall"];
  #resolveClosed: (fault: Error | undefined) => void = () => undefined;
  readonly #encoder = new MessageEncoder();
  #end: DisconnectedError | undefined;
  #closing = false;

  /** @param transport - Past authentication and Hello; not started yet. */
  constructor(transport: Transport, { onCall, onError }: BusHandlers) {
    this.#transport = transport;
    this.#onCall = onCall;
    this.onError = onError;
    this.#calls = new PendingCalls(transport.lastSerial);
    this.uniqueName = transport.uniqueName;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    transport.start({ onBytes: (chunk) => this.#receive(chunk), onClose: (fault) => this.#closed(fault) });
  }

  /** How much the connection holds: calls that wait for a reply, match rules on the bus, signal listeners. */
  get usage(): { readonly pendingCalls: number; readonly matchRules: number; readonly listeners: number } {
    return { pendingCalls: this.#calls.size, matchRules: this.#rules.size, listeners: this.#signals.size };
  }

  /**
   * Calls any method of any object.
   *
   * @returns The arguments of the reply, in wire order.
   * @throws InvalidValueError before anything is sent, when a name, path or value is not valid.
   * @throws DBusError as the peer answers; NoReplyError after the timeout; DisconnectedError when the connection ends;
   * the signal's reason when it aborts.
   */
  async call(call: MethodCall, options: CallOptions = {}): Promise<unknown[]> {
    const codec = bodyCodec(call.signature ?? "");
    return this.request({ ...call, codec, args: call.args ?? [] }, options, (reply) => {
      throwRemoteError(reply);
      return readBody(reply, bodyCodec(reply.signature));
    });
  }

  /** Sends a call and waits for its reply, which may be an error. Only whom was called, or the bus, can answer. */
  async request<T>(request: Request, options: CallOptions, read: ReadReply<T>): Promise<T> {
    checkOptions(options);
    check(request.destination, isBusName, "destination", "a bus name");
    const serial = this.#calls.nextSerial();
    const header = callHeader(request, serial, options, 0);
    const bytes = this.#encode(header, request.codec, request.args);
    const owner = this.#owners.watch(request.destination);
    const what = `${request.member} of ${request.destination}`;
    // The bus speaks for a service that is gone or was never there.
    const accepts = (sender: string | undefined): boolean => sender === DAEMON || owner.mayAnswer(sender);
    try {
      const reply = this.#calls.wait(serial, what, accepts, options, read);
      this.#transport.write(bytes);
      return await reply;
    } finally {
      owner.release();
    }
  }

  /** Sends a call that nobody answers. */
  send(request: Request, options: CallOptions = {}): void {
    checkOptions(options);
    const header = callHeader(request, this.#calls.nextSerial(), options, MessageFlag.NoReplyExpected);
    this.#write(header, request.codec, request.args);
  }

  /** Sends a signal: to everybody who listens, or to one destination. */
  emit(signal: OutgoingSignal): void {
    this.#write(signalHeader(signal, this.#calls.nextSerial()), signal.codec, signal.args);
  }

  /** Answers a call with values. Throws InvalidValueError, and sends nothing, when they do not fit the codec. */
  reply(call: Message, codec: ArgumentsCodec = NO_ARGUMENTS, values: readonly unknown[] = []): void {
    this.#write(answerHeader(call, this.#calls.nextSerial()), codec, values);
  }

  /** Answers a call with an error. Throws InvalidValueError, and sends nothing, when the name is not valid. */
  replyError(call: Message, errorName: string, text: string): void {
    this.#write(answerHeader(call, this.#calls.nextSerial(), errorName), DAEMON_BODIES.text, [sendableText(text)]);
  }

  /** Listens to a signal of the current owner of a name; resolves when no later one can be missed. */
  listen(listener: SignalListener): Promise<() => Promise<void>> {
    return this.#signals.listen(listener);
  }

  /**
   * Requests a well-known name.
   *
   * @returns Whether this connection owns the name now; otherwise it waits in the queue, or the name is taken.
   * @throws InvalidValueError when the name is not valid; DBusError when the bus does not allow it.
   */
  async requestName(name: string, options: NameOptions = {}): Promise<"owner" | "queued" | "taken"> {
    checkWellKnown(name);
    const flags = (options.allowReplacement ? 1 : 0) | (options.replaceExisting ? 2 : 0) | (options.queue ? 0 : 4);
    const reply = await this.#askBus("RequestName", DAEMON_BODIES.nameAndFlags, [name, flags]);
    const [code] = readBody(reply, DAEMON_BODIES.code);
    if (code === 2) return "queued";
    return code === 3 ? "taken" : "owner";
  }

  /** Gives up a well-known name or its place in the queue; nothing happens where there is neither. */
  async releaseName(name: string): Promise<void> {
    checkWellKnown(name);
    await this.#askBus("ReleaseName", DAEMON_BODIES.name, [name]);
  }

  /** Sends what is queued and closes. Waiting calls fail with DisconnectedError; closing again does nothing. */
  async close(): Promise<void> {
    this.#closing = true;
    if (this.#end === undefined) {
      this.#shut("the connection was closed by this side");
      this.#transport.close();
    }
    await this.closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #encode(header: Header, codec: ArgumentsCodec, values: readonly unknown[]): Uint8Array {
    if (this.#end !== undefined) throw this.#end;
    return this.#encoder.encode(header, codec, values);
  }

  #write(header: Header, codec: ArgumentsCodec, values: readonly unknown[]): void {
    this.#transport.write(this.#encode(header, codec, values));
  }

  #receive(chunk: Uint8Array): void {
    if (this.#end !== undefined) return;
    try {
      for (const message of this.#deframer.feed(chunk)) {
        this.#dispatch(message);
        if (this.#end !== undefined) return;
      }
    } catch (error) {
      const fault = error instanceof Error ? error : new Error(String(error));
      const reason =
        fault instanceof MalformedMessageError ? `the bus sent a malformed message: ${fault.message}` : fault.message;
      this.#shut(reason, fault);
      this.#transport.destroy();
    }
  }

  #dispatch(message: Message): void {
    switch (message.type) {
      case MessageType.MethodCall:
        this.#onCall(message, this);
        break;
      case MessageType.MethodReturn:
      case MessageType.Error:
        this.#calls.settle(message);
        break;
      case MessageType.Signal:
        this.#signal(message);
        break;
    }
  }

  #signal(signal: Message): void {
    if (
      signal.member === "NameOwnerChanged" &&
      signal.sender === DAEMON &&
      signal.path === DAEMON_PATH &&
      signal.signature === "sss"
    ) {
      const [name, , owner] = readBody(signal, DAEMON_BODIES.nameOwnerChanged);
      this.#owners.changed(String(name), String(owner));
    }
    this.#signals.deliver(signal);
  }

  #askBus(member: string, codec: ArgumentsCodec, args: readonly unknown[]): Promise<Message> {
    const request = { destination: DAEMON, path: DAEMON_PATH, interface: DAEMON, member, codec, args };
    return this.request(request, {}, (reply) => {
      throwRemoteError(reply);
      return reply;
    });
  }

  #askOwner(name: string, answered: (owner: string | undefined) => void): Promise<unknown> {
    const bus = { destination: DAEMON, path: DAEMON_PATH, interface: DAEMON };
    return this.request({ ...bus, member: "GetNameOwner", codec: DAEMON_BODIES.name, args: [name] }, {}, (reply) => {
      const found = reply.type === MessageType.MethodReturn && reply.signature === "s";
      answered(found ? String(readBody(reply, DAEMON_BODIES.text)[0]) : undefined);
    });
  }

  #shut(reason: string, cause?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = new DisconnectedError(reason, cause && { cause });
    this.#calls.failAll(this.#end);
    this.#signals.end(this.#end);
  }

  #closed(fault: Error | undefined): void {
    this.#shut(
      fault === undefined ? "the bus closed the connection" : `the connection to the bus is lost: ${fault.message}`,
      fault,
    );
    this.#resolveClosed(this.#closing ? undefined : this.#end);
  }
}

function throwRemoteError(reply: Message): void {
  if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply));
}

function checkWellKnown(name: string): void {
  check(name, (text) => isBusName(text) && !text.startsWith(":"), "name", "a well-known bus name");
}
