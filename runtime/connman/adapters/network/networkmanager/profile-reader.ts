import {
  ConnectionClient,
  type ConnectionProfile,
} from "@dbus-codegen-ts/networkmanager/org.freedesktop.NetworkManager.Settings.Connection";
import { type Bus, DBusError, type Subscription } from "@dbus-codegen-ts/runtime";
import { MAX_FOLLOWED_PROFILES } from "../../../quotas.ts";
import { type Profile, profileOf } from "./profile.ts";

/** Maximum number of simultaneous calls. A bus allows 128 unanswered calls by default. */
const MAX_READS = 8;

export interface ProfileReaderHandlers {
  /** Called when the settings of a profile were read. */
  onChange(): void;
  onError(error: unknown): void;
}

/** Reads the settings of profiles, and rereads them when they change. */
export class ProfileReader {
  /** Settings of the profiles that were read, by path; undefined if they cannot be read. */
  readonly profiles = new Map<string, Profile | undefined>();
  readonly #bus: Bus;
  readonly #destination: string;
  readonly #handlers: ProfileReaderHandlers;
  readonly #present = new Set<string>();
  readonly #toRead = new Set<string>();
  readonly #reading = new Set<string>();
  readonly #subscriptions = new Map<string, Promise<Subscription | undefined>>();
  #idle: (() => void)[] = [];

  constructor(bus: Bus, destination: string, handlers: ProfileReaderHandlers) {
    this.#bus = bus;
    this.#destination = destination;
    this.#handlers = handlers;
  }

  /**
   * Adds a profile and reads its settings. Changes of the settings are followed, unless there are too many profiles.
   */
  add(path: string): void {
    this.#present.add(path);
    if (this.#subscriptions.size < MAX_FOLLOWED_PROFILES) {
      const subscribed = this.#client(path).signals.updated.subscribe(() => this.#request(path));
      const reported = subscribed.catch((error: unknown) => {
        this.#handlers.onError(error);
        return undefined;
      });
      this.#subscriptions.set(path, reported);
    }
    this.#request(path);
  }

  remove(path: string): void {
    this.#present.delete(path);
    this.#toRead.delete(path);
    this.profiles.delete(path);
    const subscription = this.#subscriptions.get(path);
    this.#subscriptions.delete(path);
    void subscription?.then((opened) => opened?.close()).catch((error: unknown) => this.#handlers.onError(error));
  }

  /** Resolves when the settings of all profiles are read. */
  async settled(): Promise<void> {
    if (this.#toRead.size + this.#reading.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /**
   * Changes a profile: reads its settings and writes the changed ones.
   *
   * @throws DBusError if NetworkManager refuses; any error that `change` throws.
   */
  async change(path: string, change: (settings: ConnectionProfile) => ConnectionProfile): Promise<void> {
    const client = this.#client(path);
    await client.update(change(await client.getSettings()));
    await this.#read(path);
  }

  close(): void {
    for (const path of [...this.#present]) this.remove(path);
  }

  #client(path: string): ConnectionClient {
    return new ConnectionClient(this.#bus, { destination: this.#destination, path });
  }

  #request(path: string): void {
    if (!this.#present.has(path)) return;
    this.#toRead.add(path);
    if (this.#reading.size < MAX_READS) void this.#readAll();
  }

  /** Reads the settings of waiting profiles one after another until no profile is waiting. */
  async #readAll(): Promise<void> {
    for (;;) {
      const path = [...this.#toRead].find((candidate) => !this.#reading.has(candidate));
      if (path === undefined) break;
      this.#toRead.delete(path);
      this.#reading.add(path);
      await this.#read(path);
      this.#reading.delete(path);
    }
    if (this.#toRead.size + this.#reading.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #read(path: string): Promise<void> {
    let profile: Profile | undefined;
    try {
      profile = profileOf(await this.#client(path).getSettings());
    } catch (error) {
      // A profile of another user, or one that was deleted in the meantime, is not an error.
      if (!(error instanceof DBusError)) this.#handlers.onError(error);
    }
    if (!this.#present.has(path)) return;
    this.profiles.set(path, profile);
    this.#handlers.onChange();
  }
}
