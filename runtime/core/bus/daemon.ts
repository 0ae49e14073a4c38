import type { MethodContract } from "../contract.ts";
import { DBus, RequestNameReply } from "../standard/org.freedesktop.DBus.ts";
import { remoteError } from "../standard-errors.ts";
import { argumentsCodec } from "../wire/arguments-codec.ts";
import { MessageType } from "../wire/header.ts";
import { errorText, type Message, readBody } from "../wire/message.ts";
import type { CallOptions, ReadReply, Request } from "./request.ts";

/** Bus name of the message bus itself. */
export const DAEMON = DBus.name;
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

const { addMatch, removeMatch, getNameOwner, requestName, releaseName } = DBus.methods;
const { nameOwnerChanged, nameAcquired, nameLost } = DBus.signals;
const OWNER = argumentsCodec(getNameOwner.out);
const REQUEST_NAME_REPLY = argumentsCodec(requestName.out);
const NAME_OWNER_CHANGED = argumentsCodec(nameOwnerChanged.args);
const NAME = argumentsCodec(nameAcquired.args);

/** The calls of the bus itself. What they read is read before any later message is looked at. */
export class Daemon {
  readonly #send: SendRequest;

  constructor(send: SendRequest) {
    this.#send = send;
  }

  async match(member: "AddMatch" | "RemoveMatch", rule: string): Promise<void> {
    await this.#ask(member === addMatch.name ? addMatch : removeMatch, [rule], throwRemoteError);
  }

  /** `answered` is called with undefined where nobody owns the name. */
  async getNameOwner(name: string, answered: (owner: string | undefined) => void): Promise<void> {
    await this.#ask(getNameOwner, [name], (reply) => {
      const found = reply.type === MessageType.MethodReturn && reply.signature === OWNER.signature;
      answered(found ? String(readBody(reply, OWNER)[0]) : undefined);
    });
  }

  requestName<T>(name: string, flags: number, answered: (reply: NameReply) => T): Promise<T> {
    return this.#ask(requestName, [name, flags], (reply) => {
      throwRemoteError(reply);
      const [code] = reply.signature === REQUEST_NAME_REPLY.signature ? readBody(reply, REQUEST_NAME_REPLY) : [];
      return answered(
        code === RequestNameReply.InQueue ? "queued" : code === RequestNameReply.Exists ? "taken" : "owner",
      );
    });
  }

  async releaseName(name: string, answered: () => void): Promise<void> {
    await this.#ask(releaseName, [name], (reply) => {
      throwRemoteError(reply);
      answered();
    });
  }

  #ask<T>(method: MethodContract, args: readonly unknown[], read: ReadReply<T>): Promise<T> {
    const codec = argumentsCodec(method.in);
    const request = { destination: DAEMON, path: DAEMON_PATH, interface: DAEMON, member: method.name, codec, args };
    return this.#send(request, {}, read);
  }
}

/** Passes on what a signal says of names; false where it is not the bus that says it. */
export function hearNames(signal: Message, news: NameNews): boolean {
  if (signal.sender !== DAEMON || signal.path !== DAEMON_PATH || signal.interface !== DAEMON) return false;
  if (signal.member === nameOwnerChanged.name && signal.signature === NAME_OWNER_CHANGED.signature) {
    const [name, , owner] = readBody(signal, NAME_OWNER_CHANGED);
    news.changed(String(name), owner === "" ? undefined : String(owner));
    return true;
  }
  const isAcquired = signal.member === nameAcquired.name;
  if ((!isAcquired && signal.member !== nameLost.name) || signal.signature !== NAME.signature) return false;
  const [name] = readBody(signal, NAME);
  if (isAcquired) news.acquired(String(name));
  else news.lost(String(name));
  return true;
}

/** Throws what an error reply says. */
export function throwRemoteError(reply: Message): void {
  if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply));
}
