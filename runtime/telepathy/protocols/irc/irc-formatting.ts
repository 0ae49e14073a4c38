import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";

/** Colors, with their numbers, and other formatting of IRC texts. */
const FORMATTING = /\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6})?/g;
/** Control characters except tabs. */
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/g;
/** Delimiter of a request or reply of a program (CTCP). */
const CTCP = "\x01";
const ACTION = `${CTCP}ACTION `;

/** A received text without formatting. */
export interface ReadableText {
  readonly type: ChannelTextMessageType;
  readonly text: string;
}

/**
 * Reads the text of a PRIVMSG or NOTICE. Returns undefined for requests and replies of programs (CTCP) other than ACTION:
 * users do not see them, and answers would reveal the program and could be provoked in large numbers.
 */
export function readText(command: "PRIVMSG" | "NOTICE", text: string): ReadableText | undefined {
  if (command === "PRIVMSG" && text.startsWith(ACTION)) {
    const [action = ""] = text.slice(ACTION.length).split(CTCP, 1);
    return { type: ChannelTextMessageType.Action, text: withoutFormatting(action) };
  }
  if (text.startsWith(CTCP)) return undefined;
  const type = command === "NOTICE" ? ChannelTextMessageType.Notice : ChannelTextMessageType.Normal;
  return { type, text: withoutFormatting(text) };
}

/** A text to send in a message of the server. */
export interface WritableText {
  readonly command: "PRIVMSG" | "NOTICE";
  readonly prefix: string;
  readonly suffix: string;
}

/** Returns how texts of a type are sent. */
export function envelopeOf(type: ChannelTextMessageType): WritableText {
  if (type === ChannelTextMessageType.Action) return { command: "PRIVMSG", prefix: ACTION, suffix: CTCP };
  return { command: type === ChannelTextMessageType.Notice ? "NOTICE" : "PRIVMSG", prefix: "", suffix: "" };
}

/** Removes the characters that no IRC text can contain, except line breaks: NUL, and the delimiter of CTCP. */
export function withoutReserved(text: string): string {
  return text.replace(/[\x00\x01]/g, "");
}

function withoutFormatting(text: string): string {
  return text.replace(FORMATTING, "").replace(CONTROL, "");
}
