import { deferred } from "./async.ts";
import { DAEMON, DAEMON_PATH } from "./bus/bus-members.ts";
import { replyOfSimulatedDaemon } from "./bus/local-daemon.ts";
import type { MethodCall } from "./bus/request.ts";
import type { Transport, TransportReceiver } from "./bus/transport.ts";
import { Bus } from "./bus.ts";
import type { ErrorHook } from "./hooks.ts";
import type { Quotas } from "./quotas.ts";
import { bodyCodec } from "./wire/arguments-codec.ts";
import { MessageType } from "./wire/header.ts";
import { encodeMessage } from "./wire/message.ts";
import { Writer } from "./wire/writer.ts";

/** Offset of the message type in an encoded message. */
const TYPE_OFFSET = 1;

/** A method call of a simulated client. */
export interface SimulatedCall extends MethodCall {
  /** Unique name of the client, such as `:1.2`. */
  readonly sender: string;
}

/**
 * A connection to a simulated bus. Calls of simulated clients arrive like calls over a real bus. All sent messages are
 * encoded and then dropped. A program that will serve many clients can call its services on a simulated bus before it
 * is ready. Then V8 has compiled the code of the services when the first clients arrive.
 */
export class SimulatedBus implements AsyncDisposable {
  /** The connection. Any name can be owned. Every client exists until `leave`, and has no credentials. */
  readonly bus: Bus;
  readonly #transport = new DroppingTransport();
  readonly #writer = new Writer();
  #lastSerial = 0;

  constructor(onError: ErrorHook, quotas: Quotas = {}) {
    this.bus = new Bus(this.#transport, { onError, quotas }, { daemon: replyOfSimulatedDaemon });
  }

  /**
   * Delivers several calls at the same time. Resolves when each call has a reply, which may be an error, or the
   * connection is closed.
   *
   * @throws InvalidValueError if a call is not valid.
   */
  async receive(calls: Iterable<SimulatedCall>): Promise<void> {
    const messages = Array.from(calls, ({ signature = "", args = [], ...fields }) => {
      const header = { ...fields, type: MessageType.MethodCall, flags: 0, serial: ++this.#lastSerial };
      this.#writer.reset();
      encodeMessage(this.#writer, header, bodyCodec(signature), args);
      return this.#writer.copyBytes();
    });
    await this.#transport.receive(messages);
  }

  /** Simulates the signal of the bus that a client has left. */
  leave(client: string): void {
    const member = { sender: DAEMON, path: DAEMON_PATH, interface: DAEMON, member: "NameOwnerChanged" };
    const header = { ...member, type: MessageType.Signal, flags: 0, serial: ++this.#lastSerial };
    this.#writer.reset();
    encodeMessage(this.#writer, header, bodyCodec("sss"), [client, client, ""]);
    this.#transport.deliver(this.#writer.copyBytes());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.bus.close();
  }
}

/** A transport that delivers messages of this process, and drops written messages. */
class DroppingTransport implements Transport {
  readonly uniqueName = ":1.1";
  readonly lastSerial = 1;
  readonly queued = 0;
  readonly maxDescriptors = 0;
  #receiver: TransportReceiver | undefined;
  /** Number of delivered calls without a reply. */
  #unanswered = 0;
  #answered = deferred<void>();

  start(receiver: TransportReceiver): void {
    this.#receiver = receiver;
  }

  /** Delivers calls. Resolves when all calls that were delivered until now have replies. */
  receive(calls: readonly Uint8Array[]): Promise<void> {
    if (this.#receiver === undefined || calls.length === 0) return Promise.resolve();
    if (this.#unanswered === 0) this.#answered = deferred();
    this.#unanswered += calls.length;
    const { promise } = this.#answered;
    this.#receiver.onBytes(Buffer.concat(calls));
    return promise;
  }

  /** Delivers a message that has no reply. */
  deliver(message: Uint8Array): void {
    this.#receiver?.onBytes(message);
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  write(message: Uint8Array): void {
    const type = message[TYPE_OFFSET];
    if (type !== MessageType.MethodReturn && type !== MessageType.Error) return;
    if (--this.#unanswered === 0) this.#answered.resolve();
  }

  close(): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#answered.resolve();
    if (receiver !== undefined) queueMicrotask(() => receiver.onClose());
  }

  destroy(): void {
    this.close();
  }
}
