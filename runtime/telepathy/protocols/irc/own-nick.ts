import { type Deferred, deferred } from "@dbus-codegen-ts/runtime/async";
import {
  DisconnectedError,
  InvalidArgumentError,
  NetworkError,
  NotAvailableError,
  PermissionDeniedError,
} from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import { IRC_LIMITS } from "../../quotas.ts";
import { type IrcMessage, NUMERIC } from "./irc-message.ts";
import { sanitizeText } from "./irc-problem.ts";
import type { IrcFeature, IrcHandlers, IrcSession } from "./irc-session.ts";
import { isNick } from "./name-syntax.ts";

/** Receiver of changes of the user's nickname. */
export interface OwnNickListener {
  /** Called when the server has changed the nickname. Of several changes within a second, only the last is reported. */
  nickChanged(nick: string): void;
}

/** A change of the nickname that a client requested. */
interface NickRequest {
  readonly nick: string;
  readonly answered: Deferred<void>;
}

type NickError = new (message: string) => Error;

/** Replies with which the server refuses a change of the nickname, with the error for the client. */
const REFUSALS: readonly (readonly [number: string, error: NickError])[] = [
  [NUMERIC.RPL_TRYAGAIN, NotAvailableError],
  [NUMERIC.ERR_NONICKNAMEGIVEN, InvalidArgumentError],
  [NUMERIC.ERR_ERRONEOUSNICKNAME, InvalidArgumentError],
  [NUMERIC.ERR_NICKNAMEINUSE, NotAvailableError],
  [NUMERIC.ERR_NICKCOLLISION, NotAvailableError],
  [NUMERIC.ERR_UNAVAILRESOURCE, NotAvailableError],
  [NUMERIC.ERR_NICKTOOFAST, NotAvailableError],
  [NUMERIC.ERR_BANONCHAN, PermissionDeniedError],
  [NUMERIC.ERR_NONICKCHANGE, PermissionDeniedError],
  [NUMERIC.ERR_RESTRICTED, PermissionDeniedError],
];

/** Changes of the user's nickname, by clients and by the server. */
export class OwnNick implements IrcFeature {
  readonly handlers: IrcHandlers = Object.fromEntries(
    REFUSALS.map(([number, error]) => [number, (message: IrcMessage) => this.#onRefusal(message, error)]),
  );
  readonly #session: IrcSession;
  readonly #listener: OwnNickListener;
  /** The request that was sent and that the server has not answered. */
  #sent: NickRequest | undefined;
  /** Requests that were not sent yet. */
  readonly #waiting: NickRequest[] = [];
  #replyTimer: NodeJS.Timeout | undefined;
  /** Timer that runs after a change was reported. Further changes are reported when it ends. */
  #reportTimer: NodeJS.Timeout | undefined;
  /** Requests that the server has granted, to be resolved when the new nickname is reported. */
  #unreported: Deferred<void>[] = [];

  constructor(session: IrcSession, listener: OwnNickListener) {
    this.#session = session;
    this.#listener = listener;
  }

  /**
   * Changes the nickname. Resolves when the change was reported; immediately if the user has that nickname.
   *
   * @throws InvalidArgumentError for an invalid nickname; NotAvailableError if the nickname is in use, or too many
   * requests are waiting; PermissionDeniedError if the server refuses changes; NetworkError if the server does not
   * answer; DisconnectedError if the connection ends before.
   */
  request(nick: string): Promise<void> {
    if (!isNick(nick)) throw new InvalidArgumentError("the text is not a valid nickname");
    if (this.#waiting.length >= IRC_LIMITS.nickRequests)
      throw new NotAvailableError("too many changes of the nickname are waiting");
    const answered = deferred<void>();
    this.#waiting.push({ nick, answered });
    this.#sendNext();
    return answered.promise;
  }

  /** Handles a change of the nickname by the server. The session has the new nickname already. */
  changed(): void {
    clearTimeout(this.#replyTimer);
    if (this.#sent !== undefined) this.#unreported.push(this.#sent.answered);
    this.#sent = undefined;
    if (this.#reportTimer === undefined) this.#report();
    this.#sendNext();
  }

  stop(): void {
    clearTimeout(this.#replyTimer);
    clearTimeout(this.#reportTimer);
    const requests = [this.#sent, ...this.#waiting.splice(0)].flatMap((request) => request?.answered ?? []);
    this.#sent = undefined;
    for (const answered of [...requests, ...this.#unreported.splice(0)]) {
      answered.reject(new DisconnectedError("the connection has ended"));
    }
  }

  /**
   * Reports the nickname. If it changes within the next second, reports it once at the end of that second, because
   * each reported change uses a handle.
   */
  #report(): void {
    const { nick } = this.#session;
    this.#listener.nickChanged(nick);
    for (const answered of this.#unreported.splice(0)) answered.resolve();
    this.#reportTimer = setTimeout(() => {
      this.#reportTimer = undefined;
      if (this.#session.nick !== nick) this.#report();
      else for (const answered of this.#unreported.splice(0)) answered.resolve();
    }, IRC_LIMITS.nickChangeIntervalMs);
    this.#reportTimer.unref();
  }

  #sendNext(): void {
    while (this.#sent === undefined) {
      const request = this.#waiting.shift();
      if (request === undefined) return;
      if (request.nick === this.#session.nick) {
        // The server does not answer such a NICK.
        request.answered.resolve();
        continue;
      }
      this.#sent = request;
      this.#session.send("NICK", request.nick);
      this.#replyTimer = setTimeout(
        () => this.#refuse(new NetworkError("the server does not answer")),
        IRC_LIMITS.replyMs,
      );
      this.#replyTimer.unref();
    }
  }

  #onRefusal({ command, params }: IrcMessage, error: NickError): void {
    // The same replies are sent for other commands and for channels.
    const [, subject = ""] = params;
    const isOther = command === NUMERIC.RPL_TRYAGAIN && subject.toUpperCase() !== "NICK";
    const isChannel =
      command === NUMERIC.ERR_UNAVAILRESOURCE &&
      subject !== "" &&
      this.#session.support.channelTypes.includes(subject.charAt(0));
    if (!isOther && !isChannel) this.#refuse(new error(sanitizeText(params.at(-1) ?? "")));
  }

  #refuse(error: Error): void {
    const request = this.#sent;
    if (request === undefined) return;
    clearTimeout(this.#replyTimer);
    this.#sent = undefined;
    request.answered.reject(error);
    this.#sendNext();
  }
}
