import { type Deferred, deferred } from "@dbus-codegen-ts/runtime/async";
import type { Presence } from "@dbus-codegen-ts/stubs/generic-types";
import { DisconnectedError, NetworkError, NotAvailableError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { IRC_LIMITS } from "../../quotas.ts";
import { NUMERIC } from "./irc-message.ts";
import type { IrcFeature, IrcHandlers, IrcSession } from "./irc-session.ts";
import { toLineText } from "./line-length.ts";
import { IRC_AVAILABLE, ircAway } from "./presence-statuses.ts";

/** Away message to send if the user's presence has none, because AWAY without a text ends the absence. */
const DEFAULT_TEXT = "away";

/** A requested change of the user's presence. */
interface PresenceRequest {
  readonly presence: Presence;
  readonly answered: Deferred<void>;
}

/** The user's presence on an IRC server. It changes when the server replies to AWAY. */
export class OwnPresence implements IrcFeature {
  readonly handlers: IrcHandlers = {
    [NUMERIC.RPL_UNAWAY]: () => this.#onReply(IRC_AVAILABLE),
    [NUMERIC.RPL_NOWAWAY]: () => this.#onReply(this.#requestedAbsence()),
    [NUMERIC.RPL_TRYAGAIN]: ({ params: [, command = ""] }) => {
      if (command.toUpperCase() === "AWAY") this.#fail(new NotAvailableError("the server limits changes of presence"));
    },
  };
  readonly #session: IrcSession;
  readonly #onChange: (presence: Presence) => void;
  #presence = IRC_AVAILABLE;
  #sent: PresenceRequest | undefined;
  /** The newest request that was not sent yet. */
  #waiting: PresenceRequest | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange - Called when the server has confirmed a different presence. */
  constructor(session: IrcSession, onChange: (presence: Presence) => void) {
    this.#session = session;
    this.#onChange = onChange;
  }

  /** The presence that the server confirmed last. */
  get presence(): Presence {
    return this.#presence;
  }

  /**
   * Sets the presence. A request that was not sent yet is replaced by a newer request, and settles with its result.
   * Rejects with NetworkError, NotAvailableError or DisconnectedError.
   */
  set(status: string, message: string): Promise<void> {
    const presence = status === "away" ? ircAway(toLineText(message, this.#session.support.awayLength)) : IRC_AVAILABLE;
    const answered = this.#waiting?.answered ?? deferred<void>();
    this.#waiting = { presence, answered };
    this.#sendWaiting();
    return answered.promise;
  }

  stop(): void {
    for (const request of [this.#sent, this.#waiting])
      request?.answered.reject(new DisconnectedError("the connection has ended"));
    this.#sent = undefined;
    this.#waiting = undefined;
    clearTimeout(this.#timer);
  }

  #sendWaiting(): void {
    if (this.#sent !== undefined || this.#waiting === undefined) return;
    this.#sent = this.#waiting;
    this.#waiting = undefined;
    const { presence } = this.#sent;
    const isAway = presence.status === "away";
    this.#session.send(
      "AWAY",
      ...(isAway ? [presence.statusMessage.trim() === "" ? DEFAULT_TEXT : presence.statusMessage] : []),
    );
    this.#timer = setTimeout(() => this.#fail(new NetworkError("the server does not answer")), IRC_LIMITS.replyMs);
    this.#timer.unref();
  }

  /**
   * Returns the presence after the server has confirmed that the user is away: the requested one, or one without a
   * message if the server made the user away by itself.
   */
  #requestedAbsence(): Presence {
    const requested = this.#sent?.presence;
    if (requested?.status === "away") return requested;
    return this.#presence.status === "away" ? this.#presence : ircAway("");
  }

  #onReply(presence: Presence): void {
    const hasChanged =
      presence.status !== this.#presence.status || presence.statusMessage !== this.#presence.statusMessage;
    this.#presence = presence;
    if (hasChanged) this.#onChange(presence);
    if (this.#sent?.presence.status === presence.status) this.#settle((answered) => answered.resolve());
  }

  #fail(error: Error): void {
    this.#settle((answered) => answered.reject(error));
  }

  #settle(settle: (answered: Deferred<void>) => void): void {
    if (this.#sent === undefined) return;
    clearTimeout(this.#timer);
    settle(this.#sent.answered);
    this.#sent = undefined;
    this.#sendWaiting();
  }
}
