import type { SignalContract } from "../contract.ts";
import type { DisconnectedError } from "../standard-errors.ts";
import { argumentsCodec } from "../wire/arguments.ts";
import { MissingDescriptorError } from "../wire/faults.ts";
import { type Message, readBody } from "../wire/message.ts";
import type { Remote } from "./remote.ts";
import { SignalQueue } from "./signal-queue.ts";

/** Receives a signal until closed. */
export interface Subscription extends AsyncDisposable {
  /** Ends it; resolves when the bus no longer sends the signal, where nobody else listens. */
  close(): Promise<void>;
}

/**
 * A signal of a remote object. It counts only from the current owner of the bus name and with the declared types; others
 * are dropped.
 *
 * Iterating subscribes at the first `next` and keeps what arrives in between; leaving the loop ends the subscription. The
 * iteration throws DisconnectedError when the connection ends.
 */
export interface Signal<A extends readonly unknown[]> extends AsyncIterable<A> {
  /**
   * Calls a listener for each signal from now on.
   *
   * @returns A promise of the subscription, resolved when no later signal can be missed. It rejects, and nothing stays
   * behind, when the bus refuses.
   */
  subscribe(listener: (...args: A) => void): Promise<Subscription>;
}

export class RemoteSignal implements Signal<readonly unknown[]> {
  readonly #remote: Remote;
  readonly #signal: SignalContract;

  constructor(remote: Remote, signal: SignalContract) {
    this.#remote = remote;
    this.#signal = signal;
  }

  subscribe(listener: (...args: readonly unknown[]) => void): Promise<Subscription> {
    const { bus, contract, destination, path } = this.#remote;
    const origin = {
      kind: "listener",
      sender: destination,
      path,
      interface: contract.name,
      member: this.#signal.name,
    } as const;
    return this.#listen((args) => {
      try {
        const result: unknown = listener(...args);
        if (result instanceof Promise) result.catch((error: unknown) => bus.onError(error, origin));
      } catch (error) {
        bus.onError(error, origin);
      }
    });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<readonly unknown[], undefined> {
    return new SignalQueue((onArgs, onEnd) => this.#listen(onArgs, onEnd));
  }

  async #listen(
    onArgs: (args: readonly unknown[]) => void,
    onEnd?: (reason: DisconnectedError) => void,
  ): Promise<Subscription> {
    const codec = argumentsCodec(this.#signal.args);
    const onSignal = (signal: Message): void => {
      if (signal.signature !== codec.signature) return;
      let args: readonly unknown[];
      try {
        args = readBody(signal, codec);
      } catch (error) {
        if (error instanceof MissingDescriptorError) return;
        throw error;
      }
      onArgs(args);
    };
    const { bus, contract, destination, path } = this.#remote;
    const listener = { sender: destination, path, interface: contract.name, member: this.#signal.name, onSignal };
    const close = await bus.listen(onEnd === undefined ? listener : { ...listener, onEnd });
    return { close, [Symbol.asyncDispose]: close };
  }
}
