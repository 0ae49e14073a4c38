import { DAEMON_PATH } from "../bus/daemon.ts";
import type { BusPort } from "../bus/port.ts";
import { DBus } from "../standard/org.freedesktop.DBus.ts";
import { NoReplyError } from "../standard-errors.ts";
import { argumentsCodec } from "../wire/arguments-codec.ts";
import { decodeBody } from "../wire/message.ts";
import { type Credentials, readCredentials } from "./credentials.ts";

const MAX_KNOWN = 1024;
const { getConnectionCredentials, nameHasOwner } = DBus.methods;
const { nameOwnerChanged } = DBus.signals;
const OWNER_CHANGE = argumentsCodec(nameOwnerChanged.args);
const BUS = { destination: DBus.name, path: DAEMON_PATH, interface: DBus.name } as const;

/**
 * What is known of those who call, until they leave the bus. Nothing is asked, and no match rule set, before somebody
 * wants to know.
 */
export class CallerRegistry {
  readonly #bus: BusPort;
  readonly #onLeave: (sender: string) => void;
  readonly #credentials = new Map<string, Promise<Credentials>>();
  readonly #present = new Map<string, AbortController>();
  #watching: Promise<boolean> | undefined;

  /** @param onLeave - Called when a sender has left the bus, from the first `watch` on. */
  constructor(bus: BusPort, onLeave: (sender: string) => void) {
    this.#bus = bus;
    this.#onLeave = onLeave;
  }

  /** The credentials of a sender, asked for once. Rejects with DBusError when it has left, and asks again next time. */
  credentials(sender: string): Promise<Credentials> {
    const known = this.#credentials.get(sender);
    if (known !== undefined) return known;
    const watched = this.watch();
    const asked = this.#ask(sender);
    const forget = (): void => {
      if (this.#credentials.get(sender) === asked) this.#credentials.delete(sender);
    };
    for (const oldest of this.#credentials.keys()) {
      if (this.#credentials.size < MAX_KNOWN) break;
      this.#credentials.delete(oldest);
    }
    this.#credentials.set(sender, asked);
    // An answer may be kept only as long as somebody would tell that it is out of date.
    Promise.all([watched, asked]).then(([isWatched]) => isWatched || forget(), forget);
    return asked;
  }

  /** Aborts when the sender leaves the bus. */
  presence(sender: string): AbortSignal {
    let controller = this.#present.get(sender);
    if (controller === undefined) {
      controller = new AbortController();
      this.#present.set(sender, controller);
      this.#confirm(sender, controller);
    }
    return controller.signal;
  }

  /** Follows who leaves the bus; false where the bus refuses. */
  watch(): Promise<boolean> {
    this.#watching ??= this.#listen();
    return this.#watching;
  }

  /** Forgets everybody, as at the end of the connection to the bus. */
  leaveAll(): void {
    for (const sender of new Set([...this.#present.keys(), ...this.#credentials.keys()])) this.#left(sender);
  }

  /** It may have left before anybody watched. */
  async #confirm(sender: string, controller: AbortController): Promise<void> {
    await this.watch();
    const [present] = await this.#bus
      .call({ ...BUS, member: nameHasOwner.name, signature: "s", args: [sender] })
      .catch(() => [false]);
    // Since then the name may have come to stand for somebody else.
    if (present !== true && this.#present.get(sender) === controller) this.#left(sender);
  }

  async #ask(sender: string): Promise<Credentials> {
    const call = { ...BUS, member: getConnectionCredentials.name, signature: "s", args: [sender] };
    const [answer] = await this.#bus.call(call);
    return readCredentials(answer);
  }

  async #listen(): Promise<boolean> {
    const rule = { sender: DBus.name, path: DAEMON_PATH, interface: DBus.name, member: nameOwnerChanged.name };
    try {
      await this.#bus.listen({
        ...rule,
        onSignal: (signal) => {
          if (signal.signature !== OWNER_CHANGE.signature) return;
          const [name, , owner] = decodeBody(signal, OWNER_CHANGE);
          if (owner === "") this.#left(String(name));
        },
      });
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
