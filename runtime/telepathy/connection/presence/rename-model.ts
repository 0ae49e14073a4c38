import type { MaybePromise } from "@dbus-codegen-ts/runtime";
import { DisconnectedError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { RenamingHost, RenamingProtocol } from "../../protocols/aliases.ts";
import type { ContactDirectory } from "./contact-directory.ts";

/** Receiver of changed identifiers. */
export interface RenameListener {
  /** @param identifier - Normalised identifier of the new handle. */
  renamed(original: number, renamed: number, identifier: string): void;
}

/** Functions of a connection that `RenameModel` uses. */
export interface RenameContext extends ContactDirectory {
  /** Returns the handle of a contact; creates it if necessary. */
  ensureHandle(identifier: string): MaybePromise<number>;
  /** Called with an error for which no caller waits. */
  onError(error: unknown): void;
}

/** Changes of identifiers of the contacts and the user of one connection, independent of D-Bus. */
export class RenameModel implements RenamingHost {
  readonly #protocol: RenamingProtocol;
  readonly #contacts: RenameContext;
  readonly #listeners: RenameListener[] = [];

  constructor(protocol: RenamingProtocol, contacts: RenameContext) {
    this.#protocol = protocol;
    this.#contacts = contacts;
  }

  addListener(listener: RenameListener): void {
    this.#listeners.push(listener);
  }

  /** Changes the user's identifier. Throws DisconnectedError and the errors of the protocol. */
  requestRename(identifier: string): MaybePromise<void> {
    if (this.#contacts.phase !== "connected") throw new DisconnectedError("the connection is not connected");
    return this.#protocol.requestRename(identifier);
  }

  /** Reports that the user's identifier, and so the handle, has changed. */
  selfHandleChanged(original: number, renamed: number, identifier: string): void {
    this.#report(original, renamed, identifier);
  }

  contactRenamed(original: string, renamed: string): void {
    const handle = this.#contacts.lookup(original);
    if (handle === undefined || this.#contacts.phase !== "connected") return;
    const report = (replacement: number): void => this.#report(handle, replacement, renamed);
    const onError = (error: unknown): void => this.#contacts.onError(error);
    try {
      const replacement = this.#contacts.ensureHandle(renamed);
      if (replacement instanceof Promise) replacement.then(report).catch(onError);
      else report(replacement);
    } catch (error) {
      // The new handle cannot be created if there are too many.
      onError(error);
    }
  }

  #report(original: number, renamed: number, identifier: string): void {
    for (const listener of this.#listeners) listener.renamed(original, renamed, identifier);
  }
}
