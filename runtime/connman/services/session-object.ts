import type { Incoming, MaybePromise, Variant } from "@dbus-codegen-ts/runtime";
import { SessionService } from "@dbus-codegen-ts/stubs/net.connman.Session";
import type { SessionRecord } from "../sessions/session-record.ts";

/** Implementation of the methods of all sessions. */
export interface SessionActions {
  connect(record: SessionRecord, incoming: Incoming): MaybePromise<void>;
  disconnect(record: SessionRecord, incoming: Incoming): MaybePromise<void>;
  change(record: SessionRecord, name: string, value: Variant, incoming: Incoming): MaybePromise<void>;
  destroy(record: SessionRecord, incoming: Incoming): void;
}

/** The interface `net.connman.Session` of one session. */
export class SessionObject extends SessionService {
  readonly #record: SessionRecord;
  readonly #actions: SessionActions;

  constructor(record: SessionRecord, actions: SessionActions) {
    super();
    this.#record = record;
    this.#actions = actions;
  }

  connect(incoming: Incoming): MaybePromise<void> {
    return this.#actions.connect(this.#record, incoming);
  }

  disconnect(incoming: Incoming): MaybePromise<void> {
    return this.#actions.disconnect(this.#record, incoming);
  }

  change(name: string, value: Variant, incoming: Incoming): MaybePromise<void> {
    return this.#actions.change(this.#record, name, value, incoming);
  }

  destroy(incoming: Incoming): void {
    this.#actions.destroy(this.#record, incoming);
  }
}
