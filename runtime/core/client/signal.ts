import type { SignalListener } from "../bus/signal-router.ts";
import { createSubscription, type Subscription } from "../bus/subscription.ts";
import type { SignalContract } from "../contract.ts";
import { FailedError, NoReplyError } from "../standard-errors.ts";
import { argumentsCodec } from "../wire/arguments-codec.ts";
import { decodeBodyWithDescriptors, type Message } from "../wire/message.ts";
import { EventQueue, type StreamOptions } from "./event-queue.ts";
import { listenerOrigin, withErrorHook } from "./listener-errors.ts";
import type { RemoteInterface } from "./remote-interface.ts";

/** Options of `subscribe`. */
export interface SubscribeOptions {
  /**
   * Called when signals may have been missed, so that a program does not wait for them forever: with FailedError for a
   * signal that has other types than declared or exceeds a quota, with NoReplyError when the owner of the bus name
   * leaves the bus, and with DisconnectedError when the connection ends.
   */
  readonly onMissed?: (reason: Error) => void;
}

/**
 * A signal of a remote interface. Signals of other senders than the owner of the bus name, and signals with other types
 * than declared, are dropped.
 *
 * An iteration over the signal is an iteration over `stream()`.
 */
export interface Signal<A extends readonly unknown[]> extends AsyncIterable<A> {
  /**
   * Calls a listener for each signal. Signals that cannot be read are dropped, and reported to `onMissed`.
   *
   * @returns A subscription. The promise resolves when no later signal can be missed. It rejects, and everything is
   * released, if the bus refuses.
   */
  subscribe(listener: (...args: A) => void, options?: SubscribeOptions): Promise<Subscription>;
  /**
   * Returns an iterator over signals. The iterator subscribes at the first `next`, and queues arriving signals up to a
   * limit. Leaving the loop ends the subscription. After a reconnect, the iteration continues, unless the service has a
   * unique name. When the connection ends, the iterator throws DisconnectedError. If the queue exceeds the limit, the
   * iterator first returns the queued signals, and then throws LimitsExceededError.
   *
   * @throws InvalidValueError if the limit is not a number from 1.
   */
  stream(options?: StreamOptions): AsyncIterableIterator<A, undefined>;
}

export class RemoteSignal implements Signal<readonly unknown[]> {
  readonly #remote: RemoteInterface;
  readonly #signal: SignalContract;

  constructor(remote: RemoteInterface, signal: SignalContract) {
    this.#remote = remote;
    this.#signal = signal;
  }

  subscribe(
    listener: (...args: readonly unknown[]) => void,
    { onMissed }: SubscribeOptions = {},
  ): Promise<Subscription> {
    const { bus } = this.#remote;
    const origin = listenerOrigin(this.#remote, this.#signal.name);
    const call = withErrorHook(bus, origin, listener);
    return this.#listen((args) => call(...args), onMissed && this.#reports(withErrorHook(bus, origin, onMissed)));
  }

  stream(options?: StreamOptions): AsyncIterableIterator<readonly unknown[], undefined> {
    return new EventQueue((onEvent, onEnd) => this.#listen(onEvent, { onEnd }), options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<readonly unknown[], undefined> {
    return this.stream();
  }

  /** Returns the functions of a listener that report missed signals. */
  #reports(report: (reason: Error) => void): Reports {
    const { destination } = this.#remote;
    const onUnreadable = (): void => report(new FailedError(`cannot read ${this.#signal.name} of ${destination}`));
    let owner: string | undefined;
    const onOwner = (next: string | undefined): void => {
      if (owner !== undefined) report(new NoReplyError(`${destination} has left the bus`));
      owner = next;
    };
    return { onOwner, onEnd: report, onUnreadable, onMistyped: onUnreadable };
  }

  async #listen(onArgs: (args: readonly unknown[]) => void, reports?: Reports): Promise<Subscription> {
    const codec = argumentsCodec(this.#signal.args);
    const onSignal = (signal: Message): void => onArgs(decodeBodyWithDescriptors(signal, codec));
    const { bus, contract, destination, path } = this.#remote;
    const origin = { sender: destination, path, interface: contract.name, member: this.#signal.name };
    const listener = { ...origin, ...reports, signature: codec.signature, codec, onSignal };
    return createSubscription(await bus.listen(listener));
  }
}

/** Functions of a listener that report missed signals. */
type Reports = Pick<SignalListener, "onUnreadable" | "onMistyped" | "onOwner" | "onEnd">;
