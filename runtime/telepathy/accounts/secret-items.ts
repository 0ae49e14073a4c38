import { randomBytes } from "node:crypto";
import { type Subscription, Variant } from "@dbus-codegen-ts/runtime";
import type { ItemAttributes } from "@dbus-codegen-ts/secret-service/org.freedesktop.Secret.Service";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { SecretService } from "../secrets/secret-service.ts";
import { LockedError, SecretServiceError } from "../secrets/secret-service-error.ts";
import type { SecretItemReference } from "./account-file.ts";
import type { Parameters } from "./account-settings.ts";
import { valueFromJson, valueToJson } from "./json-values.ts";
import { MAX_FILE_BYTES } from "./store-files.ts";

/** The item of the Secret Service with one secret parameter. */
export interface StoredItem extends SecretItemReference {
  /** Its text; undefined until it is read. */
  text: string | undefined;
}

/** Items of an account by the names of their parameters. */
export type StoredItems = ReadonlyMap<string, StoredItem>;

/** Result of an attempt to store secrets in the Secret Service. */
export interface SavedItems {
  readonly items: StoredItems;
  /** Secrets that could not be stored there. */
  readonly others: Parameters;
}

/** Attribute that distinguishes our items from those of other programs. */
const SCHEMA = { "xdg:schema": "dbus-codegen-ts.telepathy.Account" } as const;

/**
 * Secrets in the Secret Service: an item for each parameter, whose attributes are the folder of the store, the account,
 * the parameter and a revision. An item is never changed: a new secret is a new item.
 */
export class SecretItems {
  readonly #service: SecretService;
  readonly #folder: string;
  readonly #onProblem: (problem: string) => void;
  #lastProblem = "";
  #available: () => void = () => undefined;
  /** Whether the service has accepted a secret and not returned it. Then it is not used until it restarts. */
  #isDistrusted = false;

  /** Returns whether an item is known to have a value. */
  static isStoredIn({ type, text }: StoredItem, { signature, value }: Variant): boolean {
    return type === signature && text !== undefined && text === textOfValue(signature, value);
  }

  /** @param folder - Absolute path of the store's folder. */
  constructor(service: SecretService, folder: string, onProblem: (problem: string) => void) {
    this.#service = service;
    this.#folder = folder;
    this.#onProblem = onProblem;
  }

  /**
   * Stores secrets as far as that is possible without the user. Never rejects.
   *
   * @param mayPrompt - Whether the user is asked afterwards to unlock a service that is locked.
   */
  async save(key: string, secrets: Parameters, mayPrompt: boolean): Promise<SavedItems> {
    const items = new Map<string, StoredItem>();
    const others = new Map(secrets);
    try {
      if (secrets.size === 0 || this.#isDistrusted || !(await this.#service.isRunning())) return { items, others };
      for (const [name, value] of secrets) {
        items.set(name, await this.#store(key, name, value));
        others.delete(name);
      }
      this.#lastProblem = "";
    } catch (error) {
      const isLocked = error instanceof LockedError;
      // A service that is still locked was reported when the secrets were stored in the file.
      if (mayPrompt || !isLocked) this.report(`secrets of the account ${key} are stored in a file`, error);
      if (mayPrompt && isLocked) void this.#unlock();
    }
    return { items, others };
  }

  /**
   * Returns the secret of an item, and reads it if necessary.
   *
   * @param mayPrompt - Whether the user may be asked to unlock it.
   * @throws SecretServiceError if it cannot be read.
   */
  async read(key: string, item: StoredItem, mayPrompt: boolean): Promise<Variant> {
    const { type, revision } = item;
    const attributes = { ...SCHEMA, account: key, revision };
    const text = item.text ?? (await this.#service.read(attributes, mayPrompt));
    if (text === undefined) throw new SecretServiceError("the Secret Service does not have it");
    const value = text.length > MAX_FILE_BYTES ? undefined : valueOfText(type, text);
    if (value === undefined) throw new SecretServiceError("what the Secret Service has is not a value of its type");
    item.text = text;
    return new Variant(type, value);
  }

  /** Removes the items of an account whose revision is not used. Rejects with SecretServiceError if that fails. */
  remove(key: string, isUsed: (revision: string) => boolean): Promise<void> {
    return this.#service.delete(this.#attributes(key), ({ revision = "" }) => !isUsed(revision));
  }

  /** Removes the items of all accounts of the store of which a function returns false. */
  removeUnused(isUsed: (key: string, revision: string) => boolean): Promise<void> {
    return this.#service.delete(
      { ...SCHEMA, folder: this.#folder },
      ({ account = "", revision = "" }) => !isUsed(account, revision),
    );
  }

  /** Calls a listener when the service may have become usable, and once at the start if it is running. */
  watch(listener: () => void): Promise<Subscription> {
    this.#available = listener;
    const appeared = (): void => {
      this.#isDistrusted = false;
      listener();
    };
    return this.#service.watch({ appeared, changed: listener });
  }

  /** Reports a problem, unless the last one was the same. */
  report(result: string, error: unknown): void {
    const problem = `${result}: ${error instanceof Error ? error.message : String(error)}`;
    if (problem !== this.#lastProblem) this.#onProblem(problem);
    this.#lastProblem = problem;
  }

  async #store(key: string, name: string, { signature: type, value }: Variant): Promise<StoredItem> {
    const text = textOfValue(type, value);
    if (text === undefined) throw new InvalidArgumentError(`parameter ${name} cannot be stored`);
    const revision = randomBytes(8).toString("hex");
    const label = `${name} of the account ${key.replaceAll(".", "/")}`;
    const attributes = { ...this.#attributes(key), parameter: name, revision };
    await this.#service.store({ label, attributes, text });
    // The file is removed afterwards, so the secret must be there.
    if ((await this.#service.read(attributes, false)) === text) return { type, revision, text };
    this.#isDistrusted = true;
    throw new SecretServiceError("the Secret Service does not return what it has accepted");
  }

  async #unlock(): Promise<void> {
    try {
      await this.#service.unlock();
      this.#available();
    } catch (error) {
      this.report("the Secret Service stays locked", error);
    }
  }

  #attributes(key: string): ItemAttributes {
    return { ...SCHEMA, folder: this.#folder, account: key };
  }
}

/** Returns the text of a secret: the value of a string, otherwise JSON. Undefined if it cannot be stored. */
function textOfValue(type: string, value: unknown): string | undefined {
  const json = valueToJson(type, value);
  return json === undefined || (type === "s" && typeof json === "string") ? json : JSON.stringify(json);
}

/** Returns the value of a text; undefined if it is not a value of the type. */
function valueOfText(type: string, text: string): unknown {
  if (type === "s") return valueFromJson(type, text);
  try {
    return valueFromJson(type, JSON.parse(text));
  } catch {
    return undefined;
  }
}
