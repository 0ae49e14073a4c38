import type { ConnectionClient } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";

/** An interest in notifications, until released. */
export interface Interest extends AsyncDisposable {
  readonly token: string;
  /** Takes the interest back; again does nothing. */
  release(): Promise<void>;
}

interface Registered {
  count: number;
  /** Resolves when the connection knows of it. */
  readonly known: Promise<void>;
}

/**
 * The interests of this program in one connection. The connection hears of each token once, however many here are
 * interested in it. What it answers does not matter: there is nothing that anybody could do about an error.
 */
export class Interests {
  readonly #client: ConnectionClient;
  readonly #registered = new Map<string, Registered>();

  constructor(client: ConnectionClient) {
    this.#client = client;
  }

  /** Registers an interest; resolves when the connection knows of it. */
  async add(token: string): Promise<Interest> {
    const registered = this.#registered.get(token) ?? { count: 0, known: this.#register(token) };
    registered.count++;
    this.#registered.set(token, registered);
    await registered.known;
    let isReleased = false;
    const release = async (): Promise<void> => {
      if (isReleased) return;
      isReleased = true;
      await this.#remove(token, registered);
    };
    return { token, release, [Symbol.asyncDispose]: release };
  }

  /** Takes all back that were not released. */
  async close(): Promise<void> {
    const tokens = [...this.#registered.keys()];
    this.#registered.clear();
    if (tokens.length > 0) await this.#client.removeClientInterest(tokens).catch(() => undefined);
  }

  #register(token: string): Promise<void> {
    return this.#client.addClientInterest([token]).catch(() => undefined);
  }

  async #remove(token: string, registered: Registered): Promise<void> {
    registered.count--;
    if (registered.count > 0 || this.#registered.get(token) !== registered) return;
    this.#registered.delete(token);
    await this.#client.removeClientInterest([token]).catch(() => undefined);
  }
}
