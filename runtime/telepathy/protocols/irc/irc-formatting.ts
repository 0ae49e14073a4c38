import { ChannelTextMessageType } from "@dbus-codegen-ts/stubs/im.telepathy1.Channel.Type.Text";

/** Color codes of IRC texts with their numbers. */
const FORMATTING = /\x03(?:\d{1,2}(?:,\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6})?/g;
/** Control characters except tabs. */
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/g;
/** Delimiter of CTCP requests and replies, which programs exchange. */
const CTCP = "\x01";
const ACTION = `${CTCP}ACTION `;

/** A received text without formatting characters. */
export interface ReadableText {
  readonly type: ChannelTextMessageType;
  readonly text: string;
}

/**
 * Reads the text of a PRIVMSG or NOTICE. Returns undefined for a CTCP request or reply other than ACTION: users do
 * not see these, and replies would reveal the program and could be provoked in large numbers.
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

/** Command, prefix and suffix with which a text is sent. */
export interface WritableText {
  readonly command: "PRIVMSG" | "NOTICE";
  readonly prefix: string;
  readonly suffix: string;
}

/** Returns the command, prefix and suffix with which texts of a type are sent. */
export function envelopeOf(type: ChannelTextMessageType): WritableText {
  if (type === ChannelTextMessageType.Action) return { command: "PRIVMSG", prefix: ACTION, suffix: CTCP };
  return { command: type === ChannelTextMessageType.Notice ? "NOTICE" : "PRIVMSG", prefix: "", suffix: "" };
}

/** Removes NUL and the delimiter of CTCP, which no IRC text can contain. Line breaks remain. */
export function withoutReserved(text: string): string {
  return text.replace(/[\x00\x01]/g, "");
}

function withoutFormatting(text: string): string {
  return text.replace(FORMATTING, "").replace(CONTROL, "");
}
