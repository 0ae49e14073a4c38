import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";
import { HandleType } from "@dbus-codegen-ts/stubs/im.telepathy1.Connection";
import { InvalidArgumentError } from "@dbus-codegen-ts/stubs/im.telepathy1.Error";
import type { ChatTarget, OutgoingText, SentText, TextHost, TextProtocol, UnsentText } from "../text-messages.ts";
import { envelopeOf, readText, withoutReserved } from "./irc-formatting.ts";
import type { IrcMessage } from "./irc-message.ts";
import { sanitizeText } from "./irc-problem.ts";
import type { IrcFeature, IrcHandlers, IrcSession } from "./irc-session.ts";
import { isChannel } from "./name-syntax.ts";
import { PacedLines } from "./paced-lines.ts";
import { RecentTargets } from "./recent-targets.ts";
import type { IrcRooms } from "./rooms/irc-rooms.ts";
import { SEND_ERRORS, type SendError } from "./send-errors.ts";
import { splitText } from "./split-text.ts";

/** Maximum number of bytes of a message without its line end (RFC 2812, section 2.3). */
const MESSAGE_BYTES = 510;
/**
 * Bytes reserved for `!user@host`, which servers add to forwarded messages: 20 for the user name and 64 for the
 * host.
 */
const USER_AND_HOST_BYTES = 86;
/** Minimum number of bytes for the text in one line, if names leave less. */
const MIN_LINE_BYTES = 64;

/** Texts of an IRC connection: PRIVMSG and NOTICE from and to users and channels. */
export class IrcText implements IrcFeature, TextProtocol {
  readonly messageTypes = [ChannelTextMessageType.Normal, ChannelTextMessageType.Action, ChannelTextMessageType.Notice];
  readonly handlers: IrcHandlers = {
    PRIVMSG: (message) => this.#receive("PRIVMSG", message),
    NOTICE: (message) => this.#receive("NOTICE", message),
    ...Object.fromEntries(
      Object.entries(SEND_ERRORS).map(([number, error]) => [
        number,
        (reply: IrcMessage): void => this.#receiveError(error, reply),
      ]),
    ),
  };
  readonly #session: IrcSession;
  readonly #host: TextHost;
  readonly #rooms: Pick<IrcRooms, "whenListed">;
  readonly #recent = new RecentTargets();
  readonly #lines = new PacedLines<UnsentText>();

  constructor(session: IrcSession, host: TextHost, rooms: Pick<IrcRooms, "whenListed">) {
    this.#session = session;
    this.#host = host;
    this.#rooms = rooms;
  }

  /** Sends each line of a text as one message. A line that is too long is split into several messages. */
  send(target: ChatTarget, { type, text }: OutgoingText): SentText {
    const { identifier } = target;
    const sendable = withoutReserved(text);
    const { command, prefix, suffix } = envelopeOf(type);
    const frame = `:${this.#session.nick} ${command} ${identifier} :${prefix}${suffix}`;
    const maxBytes = MESSAGE_BYTES - USER_AND_HOST_BYTES - Buffer.byteLength(frame);
    const lines = splitText(sendable, Math.max(maxBytes, MIN_LINE_BYTES));
    if (lines.length === 0) throw new InvalidArgumentError("the text is empty");
    this.#lines.add(
      { chat: target, type, text: sendable },
      lines.map((line) => () => {
        this.#recent.add(this.#session.fold(identifier), performance.now());
        this.#session.send(command, identifier, `${prefix}${line}${suffix}`);
      }),
    );
    return { text: sendable };
  }

  takeUnsent(): readonly UnsentText[] {
    return this.#lines.takeUnsent();
  }

  stop(): void {
    this.#lines.stop();
  }

  #receive(command: "PRIVMSG" | "NOTICE", { source, prefix, params: [recipient = "", text = ""] }: IrcMessage): void {
    // Notices of the server itself are not messages of a contact.
    if (source === "" || (source.includes(".") && source === prefix)) return;
    const readable = readText(command, text);
    if (readable === undefined) return;
    const { channelTypes } = this.#session.support;
    // In a message to the operators of a channel, their prefix precedes the name of the channel.
    const room = recipient.replace(/^[~&@%+]+(?=[#&+!])/, "");
    if (isChannel(room, channelTypes)) {
      const chat = { type: HandleType.Room, identifier: room };
      this.#rooms.whenListed(room, () => this.#host.messageReceived({ chat, sender: source, ...readable }));
      return;
    }
    // The user may have sent the text with another program through a bouncer.
    const identifier = this.#session.isSelf(source) ? recipient : source;
    this.#host.messageReceived({ chat: { type: HandleType.Contact, identifier }, sender: source, ...readable });
  }

  #receiveError(error: SendError, { params: [, target = "", text = ""] }: IrcMessage): void {
    if (!this.#recent.has(this.#session.fold(target), performance.now())) return;
    const isRoom = isChannel(target, this.#session.support.channelTypes);
    const chat = { type: isRoom ? HandleType.Room : HandleType.Contact, identifier: target };
    this.#host.deliveryFailed({ chat, ...error, debugMessage: sanitizeText(text) });
  }
}
