import type { Bus, ObjectPath, Subscription } from "@dbus-codegen-ts/runtime";
import { CollectionClient } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Collection";
import { NoSessionError } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Error";
import { ItemClient } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Item";
import { type ItemAttributes, ServiceClient } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Service";
import { DaemonClient } from "../service/daemon.ts";
import { showPrompt } from "./prompt.ts";
import { asSecretServiceError, LockedError, SecretServiceError } from "./secret-service-error.ts";
import { CALL_OPTIONS, SERVICE_PATH, SecretSession } from "./secret-session.ts";

/** A text to be stored in the Secret Service, with its label and attributes. */
export interface SecretItem {
  /** Name of the item for the user. */
  readonly label: string;
  /** Attributes by which the item can be found. They are not encrypted. */
  readonly attributes: ItemAttributes;
  readonly text: string;
}

/** Options of `SecretService`. */
export interface SecretServiceOptions {
  /** Maximum time in milliseconds for the user to answer a prompt: two minutes by default. */
  readonly promptTimeoutMs?: number;
}

/** Functions that are called when the Secret Service appears or changes. */
export interface SecretServiceListeners {
  appeared(): void;
  changed(): void;
}

const BUS_NAME = "org.freedesktop.secrets";
/** The object path that a Secret Service returns if there is no object. */
const NO_OBJECT = "/";
/** Maximum number of items whose attributes `delete` reads. A store has one item for each secret. */
const MAX_ITEMS = 4096;

/**
 * Client of the user's Secret Service: a program on the session bus that stores secrets, such as gnome-keyring or
 * KWallet. Secrets are stored in its default collection. All methods reject with SecretServiceError.
 */
export class SecretService {
  readonly #bus: Bus;
  readonly #daemon: DaemonClient;
  readonly #promptTimeoutMs: number;
  #session: SecretSession | undefined;
  #unlocking: Promise<void> | undefined;

  constructor(bus: Bus, { promptTimeoutMs = 120_000 }: SecretServiceOptions = {}) {
    this.#bus = bus;
    this.#daemon = new DaemonClient(bus);
    this.#promptTimeoutMs = promptTimeoutMs;
  }

  /** Returns whether a Secret Service is running, locked or not. */
  isRunning(): Promise<boolean> {
    return this.#try(() => this.#daemon.nameHasOwner(BUS_NAME));
  }

  /**
   * Stores a text as a new item, without a prompt. Rejects with LockedError if the default collection is locked or
   * missing.
   */
  store({ label, attributes, text }: SecretItem): Promise<void> {
    return this.#try(async () => {
      const session = await this.#openSession();
      const path = await this.#defaultCollection(session);
      if (path === undefined) throw new LockedError("the Secret Service has no default collection");
      const collection = new CollectionClient(this.#bus, { destination: session.owner, path });
      if (await collection.properties.locked.get(CALL_OPTIONS)) {
        throw new LockedError("the Secret Service is locked");
      }
      const secret = session.encrypt(text);
      const [item] = await collection.createItem({ label, attributes }, secret, false, CALL_OPTIONS);
      if (item === NO_OBJECT) throw new SecretServiceError("the Secret Service requires a prompt");
    });
  }

  /**
   * Returns the text of the item with the given attributes; undefined if there is no such item.
   *
   * @param mayPrompt - Whether the user may be prompted to unlock the item. Otherwise a locked item causes
   * LockedError.
   */
  read(attributes: ItemAttributes, mayPrompt: boolean): Promise<string | undefined> {
    return this.#try(async () => {
      const session = await this.#openSession(true);
      const service = this.#service(session);
      const [[unlocked], [locked]] = await service.searchItems(attributes, CALL_OPTIONS);
      const item = unlocked ?? locked;
      if (item === undefined) return undefined;
      if (unlocked === undefined) {
        if (!mayPrompt) throw new LockedError("the Secret Service is locked");
        await this.#unlock(session, [item]);
      }
      const secrets = await service.getSecrets([item], session.path, CALL_OPTIONS);
      const secret = secrets.get(item);
      if (secret === undefined) throw new LockedError("the Secret Service is locked");
      return session.decrypt(secret);
    });
  }

  /** Deletes the unlocked items with the given attributes for which `isObsolete` returns true, without a prompt. */
  delete(attributes: ItemAttributes, isObsolete: (attributes: ItemAttributes) => boolean): Promise<void> {
    return this.#try(async () => {
      const session = await this.#openSession();
      const [items] = await this.#service(session).searchItems(attributes, CALL_OPTIONS);
      for (const path of items.slice(0, MAX_ITEMS)) {
        const item = new ItemClient(this.#bus, { destination: session.owner, path });
        if (isObsolete(await item.properties.attributes.get(CALL_OPTIONS))) await item.delete(CALL_OPTIONS);
      }
    });
  }

  /**
   * Prompts the user to unlock the default collection, or to create it if it does not exist. Resolves when the
   * collection is unlocked. Simultaneous calls share one prompt.
   */
  unlock(): Promise<void> {
    this.#unlocking ??= this.#try(() => this.#unlockDefault()).finally(() => {
      this.#unlocking = undefined;
    });
    return this.#unlocking;
  }

  /**
   * Calls `appeared` when a Secret Service appears on the bus, and `changed` when one of its collections changes,
   * for example when it is unlocked.
   */
  watch({ appeared: onAppeared, changed: onChanged }: SecretServiceListeners): Promise<Subscription> {
    return this.#try(async () => {
      const service = new ServiceClient(this.#bus, { destination: BUS_NAME, path: SERVICE_PATH });
      const changed = await service.signals.collectionChanged.subscribe(onChanged);
      const appeared = await this.#bus.watchName(BUS_NAME, (owner) => {
        if (owner !== undefined) onAppeared();
      });
      const close = async (): Promise<void> => {
        await Promise.all([changed.close(), appeared.close()]);
      };
      return { close, [Symbol.asyncDispose]: close };
    });
  }

  async #unlockDefault(): Promise<void> {
    const session = await this.#openSession();
    const collection = await this.#defaultCollection(session);
    if (collection !== undefined) return this.#unlock(session, [collection]);
    const properties = { label: "Default" };
    const [, prompt] = await this.#service(session).createCollection(properties, "default", CALL_OPTIONS);
    await showPrompt(this.#bus, session.owner, prompt, this.#promptTimeoutMs);
  }

  async #unlock(session: SecretSession, objects: readonly ObjectPath[]): Promise<void> {
    const [, prompt] = await this.#service(session).unlock(objects, CALL_OPTIONS);
    await showPrompt(this.#bus, session.owner, prompt, this.#promptTimeoutMs);
  }

  /**
   * Returns the collection for new items. Returns undefined if it does not exist, or exists only until the user logs
   * out.
   */
  async #defaultCollection(session: SecretSession): Promise<ObjectPath | undefined> {
    const service = this.#service(session);
    const collection = await service.readAlias("default", CALL_OPTIONS);
    const isTransient = collection === (await service.readAlias("session", CALL_OPTIONS));
    return collection === NO_OBJECT || isTransient ? undefined : collection;
  }

  /**
   * Returns the session with the Secret Service; opens one if necessary.
   *
   * @param mayStart - Whether the bus may start a service that is not running.
   */
  async #openSession(mayStart = false): Promise<SecretSession> {
    if (mayStart && !(await this.#daemon.nameHasOwner(BUS_NAME))) await this.#daemon.startService(BUS_NAME);
    const owner = await this.#daemon.nameOwner(BUS_NAME);
    if (this.#session?.owner !== owner) this.#session = await SecretSession.open(this.#bus, owner);
    return this.#session;
  }

  #service({ owner }: SecretSession): ServiceClient {
    return new ServiceClient(this.#bus, { destination: owner, path: SERVICE_PATH });
  }

  async #try<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      if (error instanceof NoSessionError) this.#session = undefined;
      throw asSecretServiceError(error);
    }
  }
}
