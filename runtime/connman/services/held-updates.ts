import { type Deferred, deferred } from "@dbus-codegen-ts/runtime/async";
import type { Settings } from "../policy/settings.ts";
import type { SessionRecord } from "../sessions/session-record.ts";

interface HeldUpdate {
  settings: Settings;
  /** Number of the change of routes that must be in force before the Update is sent. */
  change: number;
  readonly sent: Deferred<void>;
}

/**
 * Updates of routed sessions that wait until their routes are in force, so that an application that connects after an
 * Update uses the announced service. Later Updates of the same session are merged into the waiting one.
 */
export class HeldUpdates {
  readonly #send: (record: SessionRecord, settings: Settings) => void;
  readonly #held = new Map<SessionRecord, HeldUpdate>();
  /** Number of changes of routes that have been requested, which is also the number of the latest change. */
  #requested = 0;
  /** Number of the latest change of routes that is in force. */
  #inForce = 0;

  constructor(send: (record: SessionRecord, settings: Settings) => void) {
    this.#send = send;
  }

  /**
   * Holds Updates of routed sessions until the promise resolves.
   *
   * @param applied - Resolves when the present change of routes has been applied or has failed.
   */
  holdUntil(applied: Promise<void>): void {
    const change = ++this.#requested;
    void applied.then(() => {
      this.#inForce = Math.max(this.#inForce, change);
      for (const [record, held] of this.#held) if (held.change <= this.#inForce) this.release(record);
    });
  }

  /** Sends an Update now, or when the latest change of routes is in force. */
  send(record: SessionRecord, settings: Settings): void {
    if (!record.isRouted || this.#requested === this.#inForce) {
      this.release(record);
      this.#send(record, settings);
      return;
    }
    const held = this.#held.get(record);
    if (held === undefined) this.#held.set(record, { settings, change: this.#requested, sent: deferred() });
    else Object.assign(held, { settings: { ...held.settings, ...settings }, change: this.#requested });
  }

  /** Returns a promise that resolves when the waiting Update of a session is sent; undefined if no Update waits. */
  sent(record: SessionRecord): Promise<void> | undefined {
    return this.#held.get(record)?.sent.promise;
  }

  /** Sends the waiting Update of a session immediately. */
  release(record: SessionRecord): void {
    const held = this.#held.get(record);
    if (held === undefined) return;
    this.#held.delete(record);
    this.#send(record, held.settings);
    held.sent.resolve();
  }
}
