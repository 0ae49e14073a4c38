import type { Subscription } from "@dbus-codegen-ts/runtime";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import type { Handle } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { Aliasing1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Aliasing1";
import { Presence1 } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection.Interface.Presence1";
import { callInBatches } from "./batches.ts";
import type { Interest } from "./interest-registry.ts";
import type { RemoteConnection } from "./remote-connection.ts";
import type { RemoteNames } from "./remote-names.ts";
import type { RemotePresence } from "./remote-presence.ts";

/** Identifier, alias and presence of a contact. */
export interface LiveContact {
  /** Normalised identifier of the contact. */
  readonly identifier: string;
  /** Alias, or the identifier of a contact without an alias. */
  readonly alias: string;
  /** Presence of the contact; undefined if the connection does not support presence. */
  readonly presence: Presence | undefined;
}

/** Called after a contact was added or has changed. */
export type LiveContactListener = (handle: Handle, contact: LiveContact) => void;

/** Parts of a connection that live contacts use. */
export interface LiveContactsContext {
  readonly connection: RemoteConnection;
  readonly presence: RemotePresence;
  readonly names: RemoteNames;
  /** Registers an interest in a token. */
  addInterest(token: string): Promise<Interest>;
}

const INTERFACES = [Presence1.name, Aliasing1.name];

/**
 * Contacts with their presences and aliases, kept up to date by signals. A contact that changes its identifier is
 * replaced by the contact with the new handle. While an object of this class is open, the connection has an
 * interest in presences.
 */
export class LiveContacts implements AsyncDisposable {
  readonly #context: LiveContactsContext;
  readonly #onChange: LiveContactListener | undefined;
  readonly #subscriptions: Subscription[] = [];
  readonly #contacts = new Map<Handle, LiveContact>();
  /** Changes received while contacts are being read. They are newer than the replies. */
  readonly #changesDuringRead = new Map<Handle, Partial<LiveContact>>();
  #interest: Interest | undefined;

  /** Subscribes to all changes, registers an interest in presences, and adds the given contacts. */
  static async open(
    context: LiveContactsContext,
    handles: readonly Handle[],
    onChange?: LiveContactListener,
  ): Promise<LiveContacts> {
    const contacts = new LiveContacts(context, onChange);
    try {
      await contacts.#start();
      await contacts.add(handles);
    } catch (error) {
      await contacts.close();
      throw error;
    }
    return contacts;
  }

  private constructor(context: LiveContactsContext, onChange: LiveContactListener | undefined) {
    this.#context = context;
    this.#onChange = onChange;
  }

  /** All contacts by handle, in the order in which they were added. */
  get all(): ReadonlyMap<Handle, LiveContact> {
    return this.#contacts;
  }

  /** Returns a contact; undefined if it was not added. */
  get(handle: Handle): LiveContact | undefined {
    return this.#contacts.get(handle);
  }

  /** Adds contacts and reads their attributes. Invalid handles are ignored. */
  async add(handles: readonly Handle[]): Promise<void> {
    const added = [...new Set(handles)].filter((handle) => !this.#contacts.has(handle));
    for (const handle of added) this.#changesDuringRead.set(handle, {});
    try {
      await callInBatches(added, async (batch) => {
        const attributes = await this.#context.connection.contactAttributes(batch, INTERFACES);
        for (const handle of batch) {
          const { contactId, alias = contactId, presence } = attributes.get(handle) ?? {};
          const changes = this.#changesDuringRead.get(handle);
          // `changes` is undefined if the contact was removed or another call has added it meanwhile.
          if (contactId === undefined || alias === undefined || changes === undefined) continue;
          this.#contacts.set(handle, { identifier: contactId, alias, presence, ...changes });
          this.#notify(handle);
        }
        return batch;
      });
    } finally {
      for (const handle of added) this.#changesDuringRead.delete(handle);
    }
  }

  /** Removes contacts. Their further changes are not reported. */
  remove(handles: readonly Handle[]): void {
    for (const handle of handles) {
      this.#contacts.delete(handle);
      this.#changesDuringRead.delete(handle);
    }
  }

  /** Ends the subscriptions and releases the interest. */
  async close(): Promise<void> {
    const closed = this.#subscriptions.splice(0).map((subscription) => subscription.close());
    await Promise.all([...closed, this.#interest?.release()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #start(): Promise<void> {
    const { presence, names, addInterest } = this.#context;
    const results = await Promise.allSettled([
      presence.subscribe((presences) => {
        for (const [handle, value] of presences) this.#change(handle, { presence: value });
      }),
      ...names.subscribe({
        aliasesChanged: (aliases) => {
          for (const [handle, alias] of aliases) this.#change(handle, { alias });
        },
        renamed: (original, renamed) => this.#onRenamed(original, renamed),
      }),
    ]);
    for (const result of results) if (result.status === "fulfilled") this.#subscriptions.push(result.value);
    const refused = results.find((result) => result.status === "rejected");
    if (refused !== undefined) throw refused.reason;
    this.#interest = await addInterest(Presence1.name);
  }

  #change(handle: Handle, change: Partial<LiveContact>): void {
    const earlier = this.#changesDuringRead.get(handle);
    if (earlier !== undefined) this.#changesDuringRead.set(handle, { ...earlier, ...change });
    const contact = this.#contacts.get(handle);
    if (contact === undefined) return;
    this.#contacts.set(handle, { ...contact, ...change });
    this.#notify(handle);
  }

  #onRenamed(original: Handle, renamed: Handle): void {
    if (!this.#contacts.delete(original)) return;
    // The contact cannot be read if the connection ends. Then there is nothing to report.
    this.add([renamed]).catch(() => undefined);
  }

  #notify(handle: Handle): void {
    const contact = this.#contacts.get(handle);
    if (contact !== undefined) this.#onChange?.(handle, contact);
  }
}
