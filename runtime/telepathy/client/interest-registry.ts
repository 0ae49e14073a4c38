import type { RemoteConnection } from "./remote-connection.ts";

/** One interest of this program in a token, until it is released. */
export interface Interest extends AsyncDisposable {
  readonly token: string;
  /** Releases the interest; further calls do nothing. */
  release(): Promise<void>;
}

interface Registration {
  /** Number of interests in the token that are not released. */
  count: number;
  /** Resolves when AddClientInterest has returned or failed. */
  readonly registered: Promise<void>;
}

/**
 * The interests of this program in one remote connection. Each token is registered once, for any number of
 * interests. Errors of AddClientInterest and RemoveClientInterest are ignored, as the specification permits.
 */
export class InterestRegistry {
  readonly #connection: RemoteConnection;
  readonly #registrations = new Map<string, Registration>();

  constructor(connection: RemoteConnection) {
    this.#connection = connection;
  }

  /** Adds an interest in a token. Resolves when AddClientInterest has returned or failed. */
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
