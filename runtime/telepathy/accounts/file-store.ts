import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
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
import { isTemporaryName, moveAside, originalName, removeFile, writeAtomically } from "./atomic-file.ts";

/** Called with a broken file: its new path and a description of the problem. */
export type BrokenFileHook = (file: string, reason: string) => void;

/** Options of a file store. */
export interface FileStoreOptions {
  /** A folder that only the store uses. It is created if necessary, accessible to the user only. */
  readonly folder: string;
  /**
   * Called with each file that `load` cannot read. The file is kept under a unique name in the same folder. By default
   * broken files are not reported.
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
  readonly #accountsFolder: string;
  readonly #secretsFolder: string;
  readonly #onBroken: BrokenFileHook;
  /** Files with secrets that the accounts' files name, by key. */
  readonly #secretsFiles = new Map<string, SecretsFile>();
  #lastOperation: Promise<unknown> = Promise.resolve();

  constructor({ folder, onBroken = () => undefined }: FileStoreOptions) {
    this.#accountsFolder = join(folder, "accounts");
    this.#secretsFolder = join(folder, "secrets");
    this.#onBroken = onBroken;
  }

  /** @throws Error of the file system if the folder, or a file in it, cannot be read. */
  load(): Promise<readonly StoredAccount[]> {
    return this.#serialize(async () => {
      for (const folder of [this.#accountsFolder, this.#secretsFolder]) {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await chmod(folder, 0o700);
        for (const name of await readdir(folder)) if (isTemporaryName(name)) await rm(join(folder, name));
      }
      const accounts: StoredAccount[] = [];
      for (const name of await readdir(this.#accountsFolder)) {
        const account = name.endsWith(EXTENSION) ? await this.#read(name) : undefined;
        if (account !== undefined) accounts.push(account);
      }
      await this.#removeOldSecrets();
      return accounts;
    });
  }

  /** @throws Error of the file system; InvalidArgumentError if a parameter has a type that cannot be stored. */
  save(account: StoredAccount): Promise<void> {
    return this.#serialize(async () => {
      const key = fileKey(account.name);
      const before = this.#secretsFiles.get(key) ?? NO_SECRETS;
      const secrets = await this.#saveSecrets(key, account.settings.secrets, before);
      await writeAtomically(this.#accountPath(key), encodeAccount(account, secrets.revision));
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
    const text = encodeSecrets(secrets);
    if (text === before.text) return before;
    const revision = randomBytes(8).toString("hex");
    await writeAtomically(this.#secretsPath(key, revision), text);
    return { revision, text };
  }

  async #removeSecrets(key: string, { revision }: SecretsFile): Promise<void> {
    if (revision !== undefined) await removeFile(this.#secretsPath(key, revision));
  }

  async #read(file: string): Promise<StoredAccount | undefined> {
    const path = join(this.#accountsFolder, file);
    const key = file.slice(0, -EXTENSION.length);
    try {
      const name = accountNameOf(key);
      if (name === undefined) throw new BrokenFileError("its name is not that of an account");
      const { account, revision } = decodeAccount(await readText(path), name);
      if (revision === undefined) return account;
      const secrets = await this.#readSecrets(key, revision);
      return { ...account, settings: { ...account.settings, secrets } };
    } catch (error) {
      if (!(error instanceof BrokenFileError)) throw error;
      this.#onBroken(await moveAside(path), error.message);
      return undefined;
    }
  }

  async #readSecrets(key: string, revision: string): Promise<Parameters> {
    try {
      const text = await readText(this.#secretsPath(key, revision));
      const secrets = decodeSecrets(text);
      this.#secretsFiles.set(key, { revision, text });
      return secrets;
    } catch (error) {
      if (error instanceof BrokenFileError) throw new BrokenFileError(`the file with its secrets: ${error.message}`);
      if (isMissing(error)) throw new BrokenFileError("the file with its secrets is missing");
      throw error;
    }
  }

  /** Removes secrets that no account's file names, after a crash. Those of broken accounts are kept. */
  async #removeOldSecrets(): Promise<void> {
    const brokenFiles = new Set((await readdir(this.#accountsFolder)).map((name) => originalName(name)));
    for (const file of await readdir(this.#secretsFolder)) {
      const key = file.split(".").slice(0, 3).join(".");
      const revision = file.slice(key.length + 1, -EXTENSION.length);
      const isOurs = isRevision(revision) && file === `${key}.${revision}${EXTENSION}`;
      const isUsed = this.#secretsFiles.get(key)?.revision === revision || brokenFiles.has(key + EXTENSION);
      if (isOurs && !isUsed) await removeFile(join(this.#secretsFolder, file));
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

function accountNameOf(key: string): AccountName | undefined {
  const [manager = "", protocol = "", id = "", ...rest] = key.split(".");
  const name = { manager, protocol, id };
  return rest.length === 0 && isAccountName(name) ? name : undefined;
}

async function readText(path: string): Promise<string> {
  const handle = await open(path, "r");
  try {
    if ((await handle.stat()).size > MAX_FILE_BYTES)
      throw new BrokenFileError(`it is longer than ${MAX_FILE_BYTES} bytes`);
    return new TextDecoder("utf-8", { fatal: true }).decode(await handle.readFile());
  } catch (error) {
    if (error instanceof TypeError) throw new BrokenFileError("it is not UTF-8");
    throw error;
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
