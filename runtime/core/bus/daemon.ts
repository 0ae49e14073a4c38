import { remoteError } from "../standard-errors.ts";
import { type ArgumentsCodec, argumentsCodec, bodyCodec } from "../wire/arguments-codec.ts";
import { MessageType } from "../wire/header.ts";
import { errorText, type Message, readBody } from "../wire/message.ts";
import type { CallOptions, ReadReply, Request } from "./request.ts";

/** Bus name of the message bus itself. */
export const DAEMON = "org.freedesktop.DBus";
/** Object path of the message bus itself. */
export const DAEMON_PATH = "/org/freedesktop/DBus";

/** What the bus answers to RequestName. */
export type NameReply = "owner" | "queued" | "taken";

/** Sends a call and waits for its reply. */
export type SendRequest = <T>(request: Request, options: CallOptions, read: ReadReply<T>) => Promise<T>;

/** Is told what the bus says of names by itself. */
export interface NameNews {
  /** A name has another owner; none where `owner` is undefined. */
  changed(name: string, owner: string | undefined): void;
  /** This connection owns the name now. */
  acquired(name: string): void;
  /** This connection does not own the name any more. */
  lost(name: string): void;
}

const RULE = argumentsCodec([{ name: "rule", type: "s" }]);
const NAME = argumentsCodec([{ name: "name", type: "s" }]);
const NAME_AND_FLAGS = argumentsCodec([
  { name: "name", type: "s" },
  { name: "flags", type: "u" },
]);
const TEXT = bodyCodec("s");
const CODE = bodyCodec("u");
const NAME_OWNER_CHANGED = bodyCodec("sss");

/** The calls of the bus itself. What they read is read before any later message is looked at. */
export class Daemon {
  readonly #send: SendRequest;

  constructor(send: SendRequest) {
    this.#send = send;
  }

  async match(member: "AddMatch" | "RemoveMatch", rule: string): Promise<void> {
    await this.#ask(member, RULE, [rule], throwRemoteError);
  }

  /** `answered` is called with undefined where nobody owns the name. */
  async getNameOwner(name: string, answered: (owner: string | undefined) => void): Promise<void> {
    await this.#ask("GetNameOwner", NAME, [name], (reply) => {
      const found = reply.type === MessageType.MethodReturn && reply.signature === "s";
      answered(found ? String(readBody(reply, TEXT)[0]) : undefined);
    });
  }

  requestName<T>(name: string, flags: number, answered: (reply: NameReply) => T): Promise<T> {
    return this.#ask("RequestName", NAME_AND_FLAGS, [name, flags], (reply) => {
      throwRemoteError(reply);
      const [code] = reply.signature === "u" ? readBody(reply, CODE) : [];
      return answered(code === 2 ? "queued" : code === 3 ? "taken" : "owner");
    });
  }

  async releaseName(name: string, answered: () => void): Promise<void> {
    await this.#ask("ReleaseName", NAME, [name], (reply) => {
      throwRemoteError(reply);
      answered();
    });
  }

  #ask<T>(member: string, codec: ArgumentsCodec, args: readonly unknown[], read: ReadReply<T>): Promise<T> {
    return this.#send({ destination: DAEMON, path: DAEMON_PATH, interface: DAEMON, member, codec, args }, {}, read);
  }
}

/** Passes on what a signal says of names; false where it is not the bus that says it. */
export function hearNames(signal: Message, news: NameNews): boolean {
  if (signal.sender !== DAEMON || signal.path !== DAEMON_PATH || signal.interface !== DAEMON) return false;
  if (signal.member === "NameOwnerChanged" && signal.signature === "sss") {
    const [name, , owner] = readBody(signal, NAME_OWNER_CHANGED);
    news.changed(String(name), owner === "" ? undefined : String(owner));
    return true;
  }
  if ((signal.member !== "NameAcquired" && signal.member !== "NameLost") || signal.signature !== "s") return false;
  const [name] = readBody(signal, TEXT);
  if (signal.member === "NameAcquired") news.acquired(String(name));
  else news.lost(String(name));
  return true;
}

/** Throws what an error reply says. */
export function throwRemoteError(reply: Message): void {
  if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply));
}
