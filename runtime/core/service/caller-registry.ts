import { DAEMON, DAEMON_PATH, METHODS } from "../bus/bus-members.ts";
import { watchDepartures } from "../bus/departures.ts";
import type { BusPort } from "../bus/port.ts";
import type { ErrorHook } from "../hooks.ts";
import { NoReplyError } from "../standard-errors.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { guardListeners } from "./guarded-signal.ts";

/** Maximum number of callers whose credentials are remembered. If there are more, the oldest entry is replaced. */
const MAX_CREDENTIALS = 1024;
const BUS = { destination: DAEMON, path: DAEMON_PATH, interface: DAEMON } as const;

/**
 * Credentials and presence of callers, until they leave the bus. The bus is called, and a match rule is added, only
 * when a handler uses credentials or presence.
 */
export class CallerRegistry {
  readonly #bus: BusPort;
  readonly #onLeave: (sender: string) => void;
  readonly #onError: ErrorHook;
  readonly #credentials = new Map<string, Promise<Credentials>>();
  readonly #present = new Map<string, AbortController>();
  #watching: Promise<boolean> | undefined;

  /**
   * @param onLeave - Called when a sender has left the bus. Not called before the first call of `watch`.
   * @param onError - Called with errors of listeners to the AbortSignals of `presence`. Must not throw.
   */
  constructor(bus: BusPort, onLeave: (sender: string) => void, onError: ErrorHook) {
    this.#bus = bus;
    this.#onLeave = onLeave;
    this.#onError = onError;
  }

  /**
   * Returns the credentials of a sender. The bus is called once per sender; a failed call is not remembered.
   *
   * @throws DBusError if the sender has left the bus.
   */
  credentials(sender: string): Promise<Credentials> {
    const remembered = this.#credentials.get(sender);
    if (remembered !== undefined) return remembered;
    const watched = this.watch();
    const requested = this.#requestCredentials(sender);
    const forget = (): void => {
      if (this.#credentials.get(sender) === requested) this.#credentials.delete(sender);
    };
    for (const oldest of this.#credentials.keys()) {
      if (this.#credentials.size < MAX_CREDENTIALS) break;
      this.#credentials.delete(oldest);
    }
    this.#credentials.set(sender, requested);
    // Credentials are remembered only if NameOwnerChanged will report that they are out of date.
    Promise.all([watched, requested]).then(([isWatched]) => isWatched || forget(), forget);
    return requested;
  }

  /** Returns an AbortSignal that aborts when the sender leaves the bus. */
  presence(sender: string): AbortSignal {
    let controller = this.#present.get(sender);
    if (controller === undefined) {
      controller = new AbortController();
      guardListeners(controller.signal, (error) => this.#onError(error, { kind: "abortListener", sender }));
      this.#present.set(sender, controller);
      this.#confirmPresence(sender, controller);
    }
    return controller.signal;
  }

  /** Starts to watch which connections leave the bus. Resolves to false if the bus refuses. */
  watch(): Promise<boolean> {
    this.#watching ??= this.#listen();
    return this.#watching;
  }

  /** Treats all senders as gone, because the connection to the bus is lost. */
  leaveAll(): void {
    for (const sender of new Set([...this.#present.keys(), ...this.#credentials.keys()])) this.#left(sender);
  }

  /** Checks whether a sender left the bus before the watch began. */
  async #confirmPresence(sender: string, controller: AbortController): Promise<void> {
    await this.watch();
    const [isPresent] = await this.#bus
      .call({ ...BUS, member: "NameHasOwner", signature: METHODS.NameHasOwner.in, args: [sender] })
      .catch(() => [false]);
    // After a reconnection another connection may have the same name.
    if (isPresent !== true && this.#present.get(sender) === controller) this.#left(sender);
  }

  async #requestCredentials(sender: string): Promise<Credentials> {
    const call = {
      ...BUS,
      member: "GetConnectionCredentials",
      signature: METHODS.GetConnectionCredentials.in,
      args: [sender],
    };
    const [credentials] = await this.#bus.call(call);
    return readCredentials(credentials);
  }

  async #listen(): Promise<boolean> {
    try {
      await watchDepartures(this.#bus, (sender) => this.#left(sender));
      return true;
    } catch {
      this.#watching = undefined;
      return false;
    }
  }

  #left(sender: string): void {
    this.#credentials.delete(sender);
    const controller = this.#present.get(sender);
    this.#present.delete(sender);
    controller?.abort(new NoReplyError(`${sender} has left the bus`));
    this.#onLeave(sender);
  }
}
