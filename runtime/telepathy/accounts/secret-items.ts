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

/** Item of the Secret Service with one secret parameter, and its content if known. */
export interface StoredItem extends SecretItemReference {
  /** Text of the secret; undefined until it is read. */
  text: string | undefined;
}

/** Items of an account, by parameter name. */
export type StoredItems = ReadonlyMap<string, StoredItem>;

/** Result of an attempt to store secrets in the Secret Service. */
export interface SavedItems {
  readonly items: StoredItems;
  /** Secrets that could not be stored in the Secret Service. */
  readonly others: Parameters;
}

/** Attribute by which the Secret Service distinguishes items of this package from those of other programs. */
const SCHEMA = { "xdg:schema": "dbus-codegen-ts.telepathy.Account" } as const;

/**
 * Secrets in the Secret Service, one item for each parameter. The attributes of an item are the folder of the
 * store, the account, the parameter and the revision. Items are never changed: a changed secret gets a new item.
 */
export class SecretItems {
  readonly #service: SecretService;
  readonly #folder: string;
  readonly #onProblem: (problem: string) => void;
  #lastProblem = "";
  #available: () => void = () => undefined;
  /**
   * Whether the Secret Service accepted a secret and did not return it afterwards. Then the service is not used
   * until it restarts.
   */
  #isDistrusted = false;

  /** Returns whether an item is known to contain a value. */
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
   * Stores secrets in the Secret Service without prompting the user. Secrets that could not be stored are in
   * `others` of the result. Never rejects.
   *
   * @param mayPrompt - Whether the user is prompted afterwards, if the Secret Service is locked.
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
      // That the service is locked was reported when the secrets were stored in the file.
      if (mayPrompt || !isLocked) this.report(`secrets of the account ${key} are stored in a file`, error);
      if (mayPrompt && isLocked) void this.#unlock();
    }
    return { items, others };
  }

  /**
   * Returns the secret of an item. Reads it from the Secret Service the first time.
   *
   * @param mayPrompt - Whether the user may be prompted to unlock the Secret Service.
   * @throws SecretServiceError if the secret cannot be read.
   */
  async read(key: string, item: StoredItem, mayPrompt: boolean): Promise<Variant> {
    const { type, revision } = item;
    const attributes = { ...SCHEMA, account: key, revision };
    const text = item.text ?? (await this.#service.read(attributes, mayPrompt));
    if (text === undefined) throw new SecretServiceError("the Secret Service does not have the secret");
    const value = text.length > MAX_FILE_BYTES ? undefined : valueOfText(type, text);
    if (value === undefined)
      throw new SecretServiceError("the secret in the Secret Service is not a value of the parameter's type");
    item.text = text;
    return new Variant(type, value);
  }

  /**
   * Removes those items of an account for which `isUsed` returns false. Rejects with SecretServiceError if that
   * fails.
   */
  remove(key: string, isUsed: (revision: string) => boolean): Promise<void> {
    return this.#service.delete(this.#attributes(key), ({ revision = "" }) => !isUsed(revision));
  }

  /**
   * Removes those items of the store's accounts for which `isUsed` returns false. Rejects with SecretServiceError
   * if that fails.
   */
  removeUnused(isUsed: (key: string, revision: string) => boolean): Promise<void> {
    return this.#service.delete(
      { ...SCHEMA, folder: this.#folder },
      ({ account = "", revision = "" }) => !isUsed(account, revision),
    );
  }

  /** Calls a listener when the Secret Service has appeared or been unlocked, and once at the start if it is running. */
  watch(listener: () => void): Promise<Subscription> {
    this.#available = listener;
    const appeared = (): void => {
      this.#isDistrusted = false;
      listener();
    };
    return this.#service.watch({ appeared, changed: listener });
  }

  /** Passes a problem to `onProblem`, unless it is the same as the last one. */
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
    // The secret is removed from the file afterwards, so it must be readable here.
    if ((await this.#service.read(attributes, false)) === text) return { type, revision, text };
    this.#isDistrusted = true;
    throw new SecretServiceError("the Secret Service does not return a secret that it has accepted");
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

/**
 * Returns the text of a secret in the Secret Service: a string unchanged, other values as JSON. Undefined if the
 * value cannot be stored.
 */
function textOfValue(type: string, value: unknown): string | undefined {
  const json = valueToJson(type, value);
  return json === undefined || (type === "s" && typeof json === "string") ? json : JSON.stringify(json);
}

/** Returns the value of a secret's text; undefined if the text does not represent a value of the type. */
function valueOfText(type: string, text: string): unknown {
  if (type === "s") return valueFromJson(type, text);
  try {
    return valueFromJson(type, JSON.parse(text));
  } catch {
    return undefined;
  }
}
