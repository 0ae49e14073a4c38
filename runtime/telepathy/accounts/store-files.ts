import { decodeUtf8, type FileContent } from "@dbus-codegen-ts/runtime/files";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { BrokenFileError } from "./account-file.ts";
import { type AccountName, isAccountName } from "./account-settings.ts";

/** Maximum size of a file that is read. */
export const MAX_FILE_BYTES = 1024 * 1024;
export const FILE_EXTENSION = ".json";

/** Returns the part that the names of an account's files share. Throws Error if the account's name is invalid. */
export function fileKey(name: AccountName): string {
  if (!isAccountName(name)) throw new Error("the name of an account cannot be that of a file");
  return `${name.manager}.${name.protocol}.${name.id}`;
}

/** Returns the part of a file's name that contains the name of its account. */
export function keyOf(file: string): string {
  return file.split(".").slice(0, 3).join(".");
}

/** Returns the account whose files have a key; undefined if it is not a key. */
export function accountNameOf(key: string): AccountName | undefined {
  const [manager = "", protocol = "", id = "", ...rest] = key.split(".");
  const name = { manager, protocol, id };
  return rest.length === 0 && isAccountName(name) ? name : undefined;
}

/** Returns the content of a file if `load` would read it. Throws InvalidArgumentError if it is too large. */
export function requireReadable(text: string): string {
  if (Buffer.byteLength(text) <= MAX_FILE_BYTES) return text;
  throw new InvalidArgumentError(`an account may have ${MAX_FILE_BYTES} bytes`);
}

/** Returns the text of a file. Throws BrokenFileError if it is not a readable UTF-8 file. */
export function textOf(content: Exclude<FileContent, { kind: "missing" }>): string {
  if (content.kind === "unusable") throw new BrokenFileError(content.problem);
  const text = decodeUtf8(content.bytes);
  if (text === undefined) throw new BrokenFileError("it is not UTF-8");
  return text;
}
