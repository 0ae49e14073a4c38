import type { Subscription } from "../bus/subscription.ts";
import type { SignalContract } from "../contract.ts";
import type { DisconnectedError } from "../standard-errors.ts";
import { argumentsCodec } from "../wire/arguments-codec.ts";
import { MissingDescriptorError } from "../wire/errors.ts";
import { decodeBodyWithDescriptors, type Message } from "../wire/message.ts";
import { EventQueue, type StreamOptions } from "./event-queue.ts";
import { guarded, listenerOrigin } from "./listener.ts";
import type { Remote } from "./remote.ts";
import { subscription } from "./subscription.ts";

/**
 * A signal of a remote object. It counts only from the current owner of the bus name and with the declared types; others
 * are dropped.
 *
 * Iterating over it is iterating over `stream()`.
 */
export interface Signal<A extends readonly unknown[]> extends AsyncIterable<A> {
  /**
   * Calls a listener for each signal from now on.
   *
   * @returns A promise of the subscription, resolved when no later signal can be missed. It rejects, and nothing stays
   * behind, when the bus refuses.
   */
  subscribe(listener: (...args: A) => void): Promise<Subscription>;
  /**
   * Signals to iterate over: it subscribes at the first `next` and keeps what arrives in between, up to a limit; leaving
   * the loop ends the subscription. A connection that reconnects goes on with subscriptions and iterations, except those
   * to a unique name; otherwise the iteration throws DisconnectedError when the connection ends. It throws
   * LimitsExceededError when more signals wait than the limit, after it has given those.
   *
   * @throws InvalidValueError when the limit is not a number from 1.
   */
  stream(options?: StreamOptions): AsyncIterableIterator<A, undefined>;
}

export class RemoteSignal implements Signal<readonly unknown[]> {
  readonly #remote: Remote;
  readonly #signal: SignalContract;

  constructor(remote: Remote, signal: SignalContract) {
    this.#remote = remote;
    this.#signal = signal;
  }

  subscribe(listener: (...args: readonly unknown[]) => void): Promise<Subscription> {
    const call = guarded(this.#remote.bus, listenerOrigin(this.#remote, this.#signal.name), listener);
    return this.#listen((args) => call(...args));
  }

  stream(options?: StreamOptions): AsyncIterableIterator<readonly unknown[], undefined> {
    return new EventQueue((onEvent, onEnd) => this.#listen(onEvent, onEnd), options);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<readonly unknown[], undefined> {
    return this.stream();
  }

  async #listen(
    onArgs: (args: readonly unknown[]) => void,
    onEnd?: (reason: DisconnectedError) => void,
  ): Promise<Subscription> {
    const codec = argumentsCodec(this.#signal.args);
    const onSignal = (signal: Message): void => {
      let args: readonly unknown[];
      try {
        args = decodeBodyWithDescriptors(signal, codec);
      } catch (error) {
        if (error instanceof MissingDescriptorError) return;
        throw error;
      }
      onArgs(args);
    };
    const { bus, contract, destination, path } = this.#remote;
    const origin = { sender: destination, path, interface: contract.name, member: this.#signal.name };
    const listener = { ...origin, signature: codec.signature, onSignal };
    return subscription(await bus.listen(onEnd === undefined ? listener : { ...listener, onEnd }));
  }
}
