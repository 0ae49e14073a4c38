import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { decodeUtf8, type FileContent, readRegularFile } from "@dbus-codegen-ts/runtime/files";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import {
  BrokenFileError,
  decodeAccount,
  decodeSecrets,
  encodeAccount,
  encodeSecrets,
  isRevision,
} from "./account-file.ts";
import { type AccountName, isAccountName, type Parameters, type StoredAccount } from "./account-settings.ts";
import type { AccountStore } from "./account-store.ts";
import { isTemporaryName, removeFile, removeTemporary, writeAtomically } from "./atomic-file.ts";
import { lockFolder } from "./folder-lock.ts";

/** Called with the path of a file that cannot be used, and a description of the problem without secrets. */
export type BrokenFileHook = (file: string, reason: string) => void;

/** Options of a file store. */
export interface FileStoreOptions {
  /** A folder that only the store uses. It is created if necessary, accessible to the user only. */
  readonly folder: string;
  /**
   * Called once by `load` with each file that cannot be used. The file, and the secrets that belong to it, are not
   * changed. By default broken files are not reported.
   */
  readonly onBroken?: BrokenFileHook;
}

/** Maximum size of a file that is read. */
const MAX_FILE_BYTES = 1024 * 1024;
const EXTENSION = ".json";

/** The file with the secrets of an account. */
interface SecretsFile {
  readonly revision: string | undefined;
  /** Content of the file; empty if there is no file. */
  readonly text: string;
}

const NO_SECRETS: SecretsFile = { revision: undefined, text: "" };

/**
 * Account store in a folder: one file for each account, and another for its secrets, both readable by the user only. The
 * account's file names the file with the secrets, so replacing the former replaces both. After a crash at any point, an
 * account is completely in its old or in its new state.
 */
export class FileStore implements AccountStore {
  readonly #folder: string;
  readonly #accountsFolder: string;
  readonly #secretsFolder: string;
  readonly #onBroken: BrokenFileHook;
  /** Files with secrets that the accounts' files name, by key. */
  readonly #secretsFiles = new Map<string, SecretsFile>();
  /** Keys of the accounts whose file cannot be used. */
  readonly #brokenKeys = new Set<string>();
  #lastOperation: Promise<unknown> = Promise.resolve();

  constructor({ folder, onBroken = () => undefined }: FileStoreOptions) {
    this.#folder = folder;
    this.#accountsFolder = join(folder, "accounts");
    this.#secretsFolder = join(folder, "secrets");
    this.#onBroken = onBroken;
  }

  /** @throws NotAvailableError if another program uses the folder; Error if `flock` is not installed. */
  lock(): Promise<AsyncDisposable> {
    return lockFolder(this.#folder);
  }

  /** @throws Error of the file system if the folder cannot be read. */
  load(): Promise<readonly StoredAccount[]> {
    return this.#serialize(async () => {
      for (const folder of [this.#accountsFolder, this.#secretsFolder]) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await chmod(folder, 0o700);
        for (const name of await readdir(folder)) if (isTemporaryName(name)) await removeTemporary(join(folder, name));
      }
      const accounts: StoredAccount[] = [];
      for (const file of await readdir(this.#accountsFolder)) {
        const account = file.endsWith(EXTENSION) ? await this.#readOrReport(file) : undefined;
        if (account !== undefined) accounts.push(account);
      }
      await this.#removeOldSecrets(accounts);
      return accounts;
    });
  }

  isUsed(name: AccountName): boolean {
    return this.#brokenKeys.has(fileKey(name));
  }

  /** @throws Error of the file system; InvalidArgumentError if the account is too large, or a parameter cannot be stored. */
  save(account: StoredAccount): Promise<void> {
    return this.#serialize(async () => {
      const key = fileKey(account.name);
      if (this.#brokenKeys.has(key)) throw new Error("a file that cannot be used has the name of this account");
      const before = this.#secretsFiles.get(key) ?? NO_SECRETS;
      const secrets = await this.#saveSecrets(key, account.settings.secrets, before);
      await writeAtomically(this.#accountPath(key), requireReadable(encodeAccount(account, secrets.revision)));
      this.#secretsFiles.set(key, secrets);
      if (before.revision !== secrets.revision) await this.#removeSecrets(key, before);
    });
  }

  /** @throws Error of the file system. */
  remove(name: AccountName): Promise<void> {
    return this.#serialize(async () => {
      const key = fileKey(name);
      await removeFile(this.#accountPath(key));
      await this.#removeSecrets(key, this.#secretsFiles.get(key) ?? NO_SECRETS);
      this.#secretsFiles.delete(key);
    });
  }

  /** Runs an operation after all earlier ones have finished. */
  #serialize<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#lastOperation.then(operation);
    this.#lastOperation = result.catch(() => undefined);
    return result;
  }

  async #saveSecrets(key: string, secrets: Parameters, before: SecretsFile): Promise<SecretsFile> {
    if (secrets.size === 0) return NO_SECRETS;
    const text = requireReadable(encodeSecrets(secrets));
    if (text === before.text) return before;
    const revision = randomBytes(8).toString("hex");
    await writeAtomically(this.#secretsPath(key, revision), text);
    return { revision, text };
  }

  async #removeSecrets(key: string, { revision }: SecretsFile): Promise<void> {
    if (revision !== undefined) await removeFile(this.#secretsPath(key, revision));
  }

  async #readOrReport(file: string): Promise<StoredAccount | undefined> {
    const key = file.slice(0, -EXTENSION.length);
    try {
      return await this.#read(key);
    } catch (error) {
      // Whatever is wrong with one account, the others must be served.
      this.#brokenKeys.add(key);
      this.#onBroken(join(this.#accountsFolder, file), error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  /** Returns undefined if the file has been removed meanwhile. */
  async #read(key: string): Promise<StoredAccount | undefined> {
    const name = accountNameOf(key);
    if (name === undefined) throw new BrokenFileError("its name is not that of an account");
    const content = await readRegularFile(this.#accountPath(key), MAX_FILE_BYTES);
    if (content.kind === "missing") return undefined;
    const { account, revision } = decodeAccount(textOf(content), name);
    if (revision === undefined) return account;
    const secrets = await this.#readSecrets(key, revision);
    return { ...account, settings: { ...account.settings, secrets } };
  }

  async #readSecrets(key: string, revision: string): Promise<Parameters> {
    const content = await readRegularFile(this.#secretsPath(key, revision), MAX_FILE_BYTES);
    if (content.kind === "missing") throw new BrokenFileError("the file with its secrets is missing");
    try {
      const text = textOf(content);
      const secrets = decodeSecrets(text);
      this.#secretsFiles.set(key, { revision, text });
      return secrets;
    } catch (error) {
      if (!(error instanceof BrokenFileError)) throw error;
      throw new BrokenFileError(`the file with its secrets: ${error.message}`);
    }
  }

  /**
   * Removes secrets that no account's file names, after a crash. Those of accounts with a broken file, or with a copy of
   * their file, are kept.
   */
  async #removeOldSecrets(accounts: readonly StoredAccount[]): Promise<void> {
    const loaded = new Set(accounts.map(({ name }) => fileKey(name) + EXTENSION));
    const others = (await readdir(this.#accountsFolder)).filter((file) => !loaded.has(file) && !isTemporaryName(file));
    const keysInUse = new Set(others.map(keyOf));
    for (const file of await readdir(this.#secretsFolder)) {
      const key = keyOf(file);
      const revision = file.slice(key.length + 1, -EXTENSION.length);
      const isOurs = isRevision(revision) && file === `${key}.${revision}${EXTENSION}`;
      const isUsed = this.#secretsFiles.get(key)?.revision === revision || keysInUse.has(key);
      if (isOurs && !isUsed) await removeTemporary(join(this.#secretsFolder, file));
    }
  }

  #accountPath(key: string): string {
    return join(this.#accountsFolder, key + EXTENSION);
  }

  #secretsPath(key: string, revision: string): string {
    return join(this.#secretsFolder, `${key}.${revision}${EXTENSION}`);
  }
}

/** Returns the part that the names of an account's files share. Throws Error if the account's name is invalid. */
function fileKey(name: AccountName): string {
  if (!isAccountName(name)) throw new Error("the name of an account cannot be that of a file");
  return `${name.manager}.${name.protocol}.${name.id}`;
}

/** Returns the content of a file if `load` would read it. Throws InvalidArgumentError if it is too large. */
function requireReadable(text: string): string {
  if (Buffer.byteLength(text) <= MAX_FILE_BYTES) return text;
  throw new InvalidArgumentError(`an account may have ${MAX_FILE_BYTES} bytes`);
}

/** Returns the part of a file's name that contains the name of its account. */
function keyOf(file: string): string {
  return file.split(".").slice(0, 3).join(".");
}

function accountNameOf(key: string): AccountName | undefined {
  const [manager = "", protocol = "", id = "", ...rest] = key.split(".");
  const name = { manager, protocol, id };
  return rest.length === 0 && isAccountName(name) ? name : undefined;
}

function textOf(content: Exclude<FileContent, { kind: "missing" }>): string {
  if (content.kind === "unusable") throw new BrokenFileError(content.problem);
  const text = decodeUtf8(content.bytes);
  if (text === undefined) throw new BrokenFileError("it is not UTF-8");
  return text;
}
