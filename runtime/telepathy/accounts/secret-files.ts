import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Variant } from "@dbus-codegen-ts/runtime";
import { readFolder, readRegularFile } from "@dbus-codegen-ts/runtime/files";
import { BrokenFileError, decodeSecrets, encodeSecrets, isRevision } from "./account-file.ts";
import type { Parameters } from "./account-settings.ts";
import { isTemporaryName, removeFile, removeTemporary, writeAtomically } from "./atomic-file.ts";
import { preparePrivateFolder } from "./private-folder.ts";
import { FILE_EXTENSION, keyOf, MAX_FILE_BYTES, requireReadable, textOf } from "./store-files.ts";

/** File with secrets of one account, or `NO_SECRETS_FILE`. */
export interface SecretsFile {
  readonly revision: string | undefined;
  /** Content of the file; empty if there is no file. */
  readonly text: string;
}

export const NO_SECRETS_FILE: SecretsFile = { revision: undefined, text: "" };

/** Files with secrets in a folder: at most one for each account, which only the user can read. */
export class SecretFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Creates the folder if necessary, and removes temporary files that a crash has left. */
  async prepare(): Promise<void> {
    await preparePrivateFolder(this.#folder);
    const names = await readFolder(this.#folder);
    for (const name of names.filter(isTemporaryName)) await removeTemporary(join(this.#folder, name));
  }

  /** Returns whether a file contains exactly these secrets. */
  isStoredIn({ text }: SecretsFile, secrets: Parameters): boolean {
    return secrets.size === 0 ? text === "" : text === encodeSecrets(secrets);
  }

  /** Writes secrets to a new file. Returns `before` and writes nothing if that file has the same content. */
  async save(key: string, secrets: Parameters, before: SecretsFile): Promise<SecretsFile> {
    if (secrets.size === 0) return NO_SECRETS_FILE;
    const text = requireReadable(encodeSecrets(secrets));
    if (text === before.text) return before;
    const revision = randomBytes(8).toString("hex");
    await writeAtomically(this.#path(key, revision), text);
    return { revision, text };
  }

  /** Reads the secrets from a file. Throws BrokenFileError and errors of the file system. */
  async read(
    key: string,
    revision: string,
  ): Promise<{ readonly file: SecretsFile; readonly secrets: Map<string, Variant> }> {
    const content = await readRegularFile(this.#path(key, revision), MAX_FILE_BYTES);
    if (content.kind === "missing") throw new BrokenFileError("the file with its secrets is missing");
    try {
      const text = textOf(content);
      return { file: { revision, text }, secrets: new Map(decodeSecrets(text)) };
    } catch (error) {
      if (!(error instanceof BrokenFileError)) throw error;
      throw new BrokenFileError(`the file with its secrets: ${error.message}`);
    }
  }

  /** Removes a file. Rejects with an Error of the file system. */
  async remove(key: string, { revision }: SecretsFile): Promise<void> {
    if (revision !== undefined) await removeFile(this.#path(key, revision));
  }

  /** Removes the files for which `isUsed` returns false. */
  async removeUnused(isUsed: (key: string, revision: string) => boolean): Promise<void> {
    for (const file of await readFolder(this.#folder)) {
      const key = keyOf(file);
      const revision = file.slice(key.length + 1, -FILE_EXTENSION.length);
      const isOurs = isRevision(revision) && file === `${key}.${revision}${FILE_EXTENSION}`;
      if (isOurs && !isUsed(key, revision)) await removeTemporary(join(this.#folder, file));
    }
  }

  #path(key: string, revision: string): string {
    return join(this.#folder, `${key}.${revision}${FILE_EXTENSION}`);
  }
}
