import type { ErrorHook } from "../hooks.ts";
import { countInSteps, isOverQuota, needsCount } from "../message-quota.ts";
import type { Quotas } from "../quotas.ts";
import type { ArgumentsCodec } from "../wire/arguments-codec.ts";
import type { Steps } from "../wire/codec.ts";
import { decodeAhead, keepMessage, keptBytes, type Message } from "../wire/message.ts";
import { DAEMON } from "./bus-members.ts";
import { FairScheduler } from "./fair-scheduler.ts";
import type { SignalListeners } from "./signal-router.ts";

/** Takes messages that an inbox passes on. No function may throw. */
export interface InboxReceiver {
  /**
   * Handles a message. Decoding its body takes little time, or the body is already decoded.
   *
   * @param listeners - Result of `listenersOf` at the arrival of the message, if the message has waited.
   */
  take(message: Message, listeners?: SignalListeners): void;
  /** Handles a message that exceeds a quota. The body of the message must not be decoded. */
  takeOverQuota(message: Message, listeners: SignalListeners): void;
  /**
   * Returns the listeners to which a message is addressed now. The owner of a name may change while the message waits.
   */
  listenersOf(message: Message): SignalListeners;
  /**
   * Returns the known codecs with which `take` will decode the body of a message; undefined if `take` will not decode
   * it.
   */
  codecsOf(message: Message, listeners: SignalListeners): readonly ArgumentsCodec[] | undefined;
}

/**
 * Received replies and signals on their way to their receivers. The body of a large message is decoded in steps between
 * other work. Later messages of its sender wait for it; those of other senders and of the bus do not.
 */
export class Inbox {
  readonly #receiver: InboxReceiver;
  readonly #quotas: Required<Quotas>;
  readonly #scheduler: FairScheduler;
  /** Size, in bytes, of the messages that wait for earlier messages of their senders. */
  #waitingBytes = 0;

  /** @param onError - Called with errors that the receiver does not handle. Must not throw. */
  constructor(receiver: InboxReceiver, quotas: Required<Quotas>, onError: ErrorHook) {
    this.#receiver = receiver;
    this.#scheduler = new FairScheduler(onError);
    this.#quotas = quotas;
  }

  /**
   * Passes a received message on. If earlier messages of its sender are waiting, or its body must be decoded in steps,
   * this is done later.
   */
  add(message: Message): void {
    const { sender = "" } = message;
    // Messages of the bus do not wait: the bus is trusted, and its messages about owners of names must be used before
    // later messages of these owners.
    if (sender === DAEMON) this.#receiver.take(message);
    else if (this.#scheduler.isWaiting(sender)) this.#wait(message, sender);
    else if (this.#isSmall(message)) this.#receiver.take(message);
    else this.#scheduler.runInSteps(sender, this.#takeInSteps(message, this.#receiver.listenersOf(message)));
  }

  /** Drops all messages that are not passed on yet. */
  clear(): void {
    this.#scheduler.clear();
    this.#waitingBytes = 0;
  }

  #isSmall(message: Message): boolean {
    return !needsCount(message, this.#quotas) && !isOverQuota(message, this.#quotas);
  }

  #wait(message: Message, sender: string): void {
    keepMessage(message);
    const bytes = keptBytes(message);
    this.#waitingBytes += bytes;
    const listeners = this.#receiver.listenersOf(message);
    const run = (): void => {
      this.#waitingBytes -= bytes;
      if (this.#isSmall(message)) this.#receiver.take(message, listeners);
      else this.#scheduler.runInSteps(sender, this.#takeInSteps(message, listeners));
    };
    this.#scheduler.wait(sender, run, () => message.descriptors?.close());
    // A sender that continues to send must not fill the memory, so its waiting messages are now decoded without pauses.
    if (this.#waitingBytes > this.#quotas.bytesPerSender) this.#scheduler.finish(sender);
  }

  *#takeInSteps(message: Message, listeners: SignalListeners): Steps<void> {
    try {
      const codecs = this.#receiver.codecsOf(message, listeners);
      if (codecs === undefined) this.#receiver.take(message, listeners);
      else if (isOverQuota(message, this.#quotas)) this.#receiver.takeOverQuota(message, listeners);
      else {
        const count = yield* countInSteps(message, this.#quotas);
        if (count === undefined) this.#receiver.takeOverQuota(message, listeners);
        else {
          if (!count.isQuick) for (const codec of codecs) yield* decodeAhead(message, codec, count.itemCounts);
          this.#receiver.take(message, listeners);
        }
      }
    } finally {
      message.descriptors?.close();
    }
  }
}
