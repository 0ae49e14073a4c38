import { decodeUtf8, type FileContent } from "@dbus-codegen-ts/runtime/files";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { BrokenFileError } from "./account-file.ts";
import { type AccountName, isAccountName } from "./account-settings.ts";

/** Maximum number of bytes of a file that is read. */
export const MAX_FILE_BYTES = 1024 * 1024;
export const FILE_EXTENSION = ".json";

/**
 * Returns the key of an account: the text with which the names of its files start. Throws Error if the account's
 * name is invalid.
 */
export function fileKey(name: AccountName): string {
  if (!isAccountName(name)) throw new Error("the name of the account is invalid as a file name");
  return `${name.manager}.${name.protocol}.${name.id}`;
}

/** Returns the key of the account to which a file name belongs. */
export function keyOf(file: string): string {
  return file.split(".").slice(0, 3).join(".");
}

/** Returns the name of the account with a key; undefined if the key is invalid. */
export function accountNameOf(key: string): AccountName | undefined {
  const [manager = "", protocol = "", id = "", ...rest] = key.split(".");
  const name = { manager, protocol, id };
  return rest.length === 0 && isAccountName(name) ? name : undefined;
}

/** Returns the text if a file with this content is not too large to be read. Otherwise throws InvalidArgumentError. */
export function requireReadable(text: string): string {
  if (Buffer.byteLength(text) <= MAX_FILE_BYTES) return text;
  throw new InvalidArgumentError(`the file of an account may have at most ${MAX_FILE_BYTES} bytes`);
}

/** Returns the text of a file that was read. Throws BrokenFileError if the file is unusable or not UTF-8. */
export function textOf(content: Exclude<FileContent, { kind: "missing" }>): string {
  if (content.kind === "unusable") throw new BrokenFileError(content.problem);
  const text = decodeUtf8(content.bytes);
  if (text === undefined) throw new BrokenFileError("the content is not UTF-8");
  return text;
}
