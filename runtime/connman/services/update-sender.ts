import type { Bus } from "@dbus-codegen-ts/runtime";
import { DisconnectedError, LimitsExceededError, NoReplyError } from "@dbus-codegen-ts/runtime";
import { Peer } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Peer";
import type { NotificationClient } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import type { Settings } from "../policy/settings.ts";
import type { SessionRecord } from "../sessions/session-record.ts";
import type { SessionErrorHook } from "./connman-errors.ts";
import { wireSettings } from "./wire-settings.ts";

/**
 * Updates that a client may have before it shows that it reads. A client on this runtime takes 1024 calls of one sender
 * at a time and refuses further ones, which would be lost; the ping is one of them.
 */
const WINDOW = 1000;

/**
 * Brings Updates to one client. They want no reply, so a client that does not read would fill the bus with them: now and
 * then it is pinged, and as long as too many are on their way, further ones wait here, merged per session.
 */
export class UpdateSender {
  readonly #bus: Bus;
  readonly #owner: string;
  readonly #onError: SessionErrorHook;
  readonly #held = new Map<SessionRecord, { readonly to: NotificationClient; settings: Settings }>();
  #sent = 0;
  #read = 0;
  #isPinged = false;
  #isFull = false;
  #isClosed = false;

  constructor(bus: Bus, owner: string, onError: SessionErrorHook) {
    this.#bus = bus;
    this.#owner = owner;
    this.#onError = onError;
  }

  send(record: SessionRecord, to: NotificationClient, settings: Settings): void {
    if (this.#isFull || this.#held.size > 0 || this.#sent - this.#read >= WINDOW) this.#hold(record, to, settings);
    else this.#write(record, to, settings);
    if (this.#sent - this.#read >= WINDOW / 2) void this.#ping();
  }

  /** A session has ended: what waits for it goes out now, its end being the client's own doing, or never. */
  finish(record: SessionRecord): void {
    const held = this.#held.get(record);
    this.#held.delete(record);
    if (held !== undefined && !this.#isFull) this.#write(record, held.to, held.settings);
  }

  /** The client is gone. */
  close(): void {
    this.#isClosed = true;
    this.#held.clear();
  }

  #write(record: SessionRecord, to: NotificationClient, settings: Settings): void {
    this.#sent++;
    to.update(wireSettings(settings)).catch((error: unknown) => {
      if (error instanceof LimitsExceededError) this.#wait(record, to, settings);
      else if (!(error instanceof DisconnectedError)) {
        this.#onError(error, "update");
      }
    });
  }

  #hold(record: SessionRecord, to: NotificationClient, settings: Settings): void {
    const held = this.#held.get(record);
    if (held === undefined) this.#held.set(record, { to, settings });
    else held.settings = { ...held.settings, ...settings };
  }

  /** The bus does not take more for now. */
  #wait(record: SessionRecord, to: NotificationClient, settings: Settings): void {
    this.#sent--;
    // By now the session may have ended.
    if (this.#isClosed || record.cohort === undefined) return;
    this.#hold(record, to, settings);
    if (this.#isFull) return;
    this.#isFull = true;
    void this.#bus.drained.then(() => {
      this.#isFull = false;
      this.#release();
    });
  }

  /** Finds out whether the client has read what was sent until now; any answer says so. */
  async #ping(): Promise<void> {
    if (this.#isPinged) return;
    this.#isPinged = true;
    const sent = this.#sent;
    const ping = { destination: this.#owner, path: "/", interface: Peer.name, member: Peer.methods.ping.name };
    // Whoever does not answer in time is asked again as long as it is there.
    for (let answered = false; !answered && !this.#isClosed; ) {
      await this.#bus.drained;
      answered = await this.#bus.call(ping).then(
        () => true,
        (error: unknown) => !(error instanceof NoReplyError || error instanceof LimitsExceededError),
      );
    }
    this.#isPinged = false;
    this.#read = sent;
    this.#release();
  }

  #release(): void {
    for (const [record, { to, settings }] of this.#held) {
      if (this.#isFull || this.#sent - this.#read >= WINDOW) break;
      this.#held.delete(record);
      this.#write(record, to, settings);
    }
    if (this.#held.size > 0 && !this.#isFull) void this.#ping();
  }
}
