import type { Bus, ObjectPath, Subscription } from "@dbus-codegen-ts/runtime";
import { CollectionClient } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Collection";
import { NoSessionError } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Error";
import { ItemClient } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Item";
import { type ItemAttributes, ServiceClient } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Service";
import { DaemonClient } from "../service/daemon.ts";
import { showPrompt } from "./prompt.ts";
import { asSecretServiceError, LockedError, SecretServiceError } from "./secret-service-error.ts";
import { CALL_OPTIONS, SERVICE_PATH, SecretSession } from "./secret-session.ts";

/** A text that the Secret Service stores. */
export interface SecretItem {
  /** Name for the user. */
  readonly label: string;
  /** Attributes by which the item is found. They are not secret. */
  readonly attributes: ItemAttributes;
  readonly text: string;
}

/** Options of the use of a Secret Service. */
export interface SecretServiceOptions {
  /** Milliseconds that the user has to answer a prompt: two minutes by default. */
  readonly promptTimeoutMs?: number;
}

/** Functions that are called with events of a Secret Service. */
export interface SecretServiceListeners {
  appeared(): void;
  changed(): void;
}

const BUS_NAME = "org.freedesktop.secrets";
/** The path that a Secret Service returns in place of an object. */
const NO_OBJECT = "/";
/** Items of which attributes are read. A store has one for each secret. */
const MAX_ITEMS = 4096;

/**
 * The Secret Service of the user: a program on the session bus that stores secrets, such as gnome-keyring or KWallet.
 * Secrets are stored in its default collection. All methods reject with SecretServiceError.
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

  /** Returns whether a service is running. It may be locked. */
  isRunning(): Promise<boolean> {
    return this.#try(() => this.#daemon.nameHasOwner(BUS_NAME));
  }

  /** Stores a text as a new item. The user is not asked: LockedError if the default collection is locked or missing. */
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
   * Returns the text of the item with certain attributes; undefined if there is no such item.
   *
   * @param mayPrompt - Whether the user may be asked to unlock the item. If not, a locked item is a LockedError.
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

  /** Deletes unlocked items with certain attributes, of which a function returns true. The user is not asked. */
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
   * Asks the user to unlock the default collection, or to create it. Resolves when it is unlocked. Several calls at the
   * same time lead to one prompt.
   */
  unlock(): Promise<void> {
    this.#unlocking ??= this.#try(() => this.#unlockDefault()).finally(() => {
      this.#unlocking = undefined;
    });
    return this.#unlocking;
  }

  /** Calls listeners when a service appears, and when one of its collections has changed, perhaps its lock. */
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

  /** Returns the collection for new items; undefined if it does not exist or does not outlive the login session of the user. */
  async #defaultCollection(session: SecretSession): Promise<ObjectPath | undefined> {
    const service = this.#service(session);
    const collection = await service.readAlias("default", CALL_OPTIONS);
    const isTransient = collection === (await service.readAlias("session", CALL_OPTIONS));
    return collection === NO_OBJECT || isTransient ? undefined : collection;
  }

  /**
   * Returns the session with the service.
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
