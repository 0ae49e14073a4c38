import type { RemoteConnection } from "./remote-connection.ts";

/** An interest of this program in an interest token, until released. */
export interface Interest extends AsyncDisposable {
  readonly token: string;
  /** Releases the interest; further calls do nothing. */
  release(): Promise<void>;
}

interface Registration {
  /** Number of unreleased interests in the token. */
  count: number;
  /** Resolves when the connection has answered AddClientInterest. */
  readonly registered: Promise<void>;
}

/**
 * The interests of this program in one remote connection. Each token is registered once, for any number of interests.
 * Errors are ignored: the specification allows callers to do so, and there is nothing that a caller could do.
 */
export class InterestRegistry {
  readonly #connection: RemoteConnection;
  readonly #registrations = new Map<string, Registration>();

  constructor(connection: RemoteConnection) {
    this.#connection = connection;
  }

  /** Adds an interest. Resolves when the connection has answered. */
  async add(token: string): Promise<Interest> {
    const registration = this.#registrations.get(token) ?? { count: 0, registered: this.#register(token) };
    registration.count++;
    this.#registrations.set(token, registration);
    await registration.registered;
    let isReleased = false;
    const release = async (): Promise<void> => {
      if (isReleased) return;
      isReleased = true;
      await this.#release(token, registration);
    };
    return { token, release, [Symbol.asyncDispose]: release };
  }

  /** Releases all interests. */
  async close(): Promise<void> {
    const tokens = [...this.#registrations.keys()];
    this.#registrations.clear();
    if (tokens.length > 0) await this.#connection.removeClientInterest(tokens).catch(() => undefined);
  }

  #register(token: string): Promise<void> {
    return this.#connection.addClientInterest([token]).catch(() => undefined);
  }

  async #release(token: string, registration: Registration): Promise<void> {
    registration.count--;
    if (registration.count > 0 || this.#registrations.get(token) !== registration) return;
    this.#registrations.delete(token);
    await this.#connection.removeClientInterest([token]).catch(() => undefined);
  }
}
