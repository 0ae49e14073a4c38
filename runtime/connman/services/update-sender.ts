import type { Bus } from "@dbus-codegen-ts/runtime";
import { DisconnectedError, LimitsExceededError, NoReplyError } from "@dbus-codegen-ts/runtime";
import { Peer } from "@dbus-codegen-ts/runtime/standard/org.freedesktop.DBus.Peer";
import type { NotificationClient } from "@dbus-codegen-ts/stubs/net.connman.Notification";
import type { Settings } from "../policy/settings.ts";
import type { SessionRecord } from "../sessions/session-record.ts";
import type { SessionErrorHook } from "./connman-errors.ts";
import { wireSettings } from "./wire-settings.ts";

/**
 * Maximum number of unread messages to a client. If there are more, the client must first reply to a ping. Clients with
 * the runtime of this project refuse more than 1,024 simultaneous calls of one sender, so that further messages would
 * be lost. The ping is a call, too.
 */
const MAX_UNREAD = 1000;

/**
 * Sends Updates and Releases to one client without filling the queues of the bus. These messages have no reply, so the
 * client is pinged from time to time: its reply shows that it has read all earlier messages. If too many messages are
 * unread, further Updates wait and are merged per session.
 */
export class UpdateSender {
  readonly #bus: Bus;
  readonly #owner: string;
  readonly #onError: SessionErrorHook;
  readonly #waiting = new Map<SessionRecord, { readonly to: NotificationClient; settings: Settings }>();
  #sentCount = 0;
  #readCount = 0;
  /** Number of messages that had been sent before the present ping. */
  #pingedCount = 0;
  #pinging: Promise<void> | undefined;
  /** Whether the bus accepts no more messages now. */
  #isBusFull = false;
  #isClosed = false;

  constructor(bus: Bus, owner: string, onError: SessionErrorHook) {
    this.#bus = bus;
    this.#owner = owner;
    this.#onError = onError;
  }

  send(record: SessionRecord, to: NotificationClient, settings: Settings): void {
    if (this.#isBusFull || this.#waiting.size > 0 || this.#unreadCount >= MAX_UNREAD) this.#wait(record, to, settings);
    else this.#write(record, to, settings);
    if (this.#unreadCount >= MAX_UNREAD / 2) void this.#ping();
  }

  /** Resolves when the client has read enough messages that a Release can be sent, or has left the bus. */
  async ready(): Promise<void> {
    while (!this.#isClosed && this.#unreadCount >= MAX_UNREAD) await this.#ping();
  }

  /** Sends Release as soon as the bus accepts it. Never rejects. */
  async release(to: NotificationClient): Promise<void> {
    this.#sentCount++;
    for (let isAccepted = false; !isAccepted && !this.#isClosed; ) {
      isAccepted = await to.release().then(
        () => true,
        (error: unknown) => !(error instanceof LimitsExceededError),
      );
      if (!isAccepted) await this.#bus.drained;
    }
  }

  /** Sends the waiting Update of an ended session immediately. No later Update can be merged into it. */
  endSession(record: SessionRecord): void {
    const waiting = this.#waiting.get(record);
    this.#waiting.delete(record);
    if (waiting !== undefined && !this.#isBusFull) this.#write(record, waiting.to, waiting.settings);
  }

  /** Discards all waiting Updates, because the client has left the bus. */
  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
  }

  get #unreadCount(): number {
    return this.#sentCount - this.#readCount;
  }

  #write(record: SessionRecord, to: NotificationClient, settings: Settings): void {
    this.#sentCount++;
    to.update(wireSettings(settings)).catch((error: unknown) => {
      if (error instanceof LimitsExceededError) this.#retryWhenDrained(record, to, settings);
      else if (!(error instanceof DisconnectedError)) {
        this.#onError(error, "update");
      }
    });
  }

  #wait(record: SessionRecord, to: NotificationClient, settings: Settings): void {
    const waiting = this.#waiting.get(record);
    if (waiting === undefined) this.#waiting.set(record, { to, settings });
    else waiting.settings = { ...waiting.settings, ...settings };
  }

  /** Handles an Update that the bus did not accept: the Update waits until the bus accepts messages. */
  #retryWhenDrained(record: SessionRecord, to: NotificationClient, settings: Settings): void {
    this.#sentCount--;
    // The present ping has counted this message as sent, but the message was not sent.
    if (this.#pinging !== undefined) this.#pingedCount--;
    const hasEnded = record.group === undefined;
    if (this.#isClosed || hasEnded) return;
    this.#wait(record, to, settings);
    if (this.#isBusFull) return;
    this.#isBusFull = true;
    void this.#bus.drained.then(() => {
      this.#isBusFull = false;
      this.#writeWaiting();
    });
  }

  /**
   * Resolves when the client has read all messages that were sent before this call, or before the ping that is in
   * progress.
   */
  #ping(): Promise<void> {
    this.#pinging ??= this.#pingUntilReply();
    return this.#pinging;
  }

  /**
   * Pings the client until it replies or leaves the bus. Any reply, also an error, shows that the client has read all
   * earlier messages.
   */
  async #pingUntilReply(): Promise<void> {
    this.#pingedCount = this.#sentCount;
    const ping = { destination: this.#owner, path: "/", interface: Peer.name, member: Peer.methods.ping.name };
    // A client that does not reply in time is pinged until it leaves the bus.
    for (let hasReplied = false; !hasReplied && !this.#isClosed; ) {
      await this.#bus.drained;
      hasReplied = await this.#bus.call(ping).then(
        () => true,
        (error: unknown) => !(error instanceof NoReplyError || error instanceof LimitsExceededError),
      );
    }
    this.#pinging = undefined;
    this.#readCount = this.#pingedCount;
    this.#writeWaiting();
  }

  #writeWaiting(): void {
    for (const [record, { to, settings }] of this.#waiting) {
      if (this.#isBusFull || this.#unreadCount >= MAX_UNREAD) break;
      this.#waiting.delete(record);
      this.#write(record, to, settings);
    }
    if (this.#waiting.size > 0 && !this.#isBusFull) void this.#ping();
  }
}
