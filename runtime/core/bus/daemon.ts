import { RequestNameReply } from "../standard/org.freedesktop.DBus.ts";
import { remoteError } from "../standard-errors.ts";
import { bodyCodec } from "../wire/arguments-codec.ts";
import { MessageType } from "../wire/header.ts";
import { decodeBody, errorText, type Message } from "../wire/message.ts";
import { DAEMON, DAEMON_PATH, METHODS, SIGNALS } from "./bus-members.ts";
import type { CallOptions, ReadReply, Request } from "./request.ts";

/** Result of RequestName: this connection owns the name, waits in the queue, or the name is taken. */
export type NameReply = "owner" | "queued" | "taken";

/** Sends a call and waits for its reply. */
export type SendRequest = <T>(request: Request, options: CallOptions, read: ReadReply<T>) => Promise<T>;

/** Callbacks for signals of the bus about names. */
export interface NameSignalReceiver {
  /** Called when the owner of a name has changed; `owner` is undefined if the name has no owner. */
  onOwnerChanged(name: string, owner: string | undefined): void;
  /** Called when this connection has become the owner of a name. */
  onNameAcquired(name: string): void;
  /** Called when this connection has lost a name. */
  onNameLost(name: string): void;
}

const OWNER = bodyCodec(METHODS.GetNameOwner.out);
const REQUEST_NAME_REPLY = bodyCodec(METHODS.RequestName.out);
const NAME_OWNER_CHANGED = bodyCodec(SIGNALS.NameOwnerChanged);
const NAME = bodyCodec(SIGNALS.NameAcquired);

/** Calls of methods of the message bus. Each reply is read before any later message is processed. */
export class Daemon {
  readonly #send: SendRequest;

  constructor(send: SendRequest) {
    this.#send = send;
  }

  /** Adds or removes a match rule. */
  async match(member: "AddMatch" | "RemoveMatch", rule: string): Promise<void> {
    await this.#call(member, [rule], throwRemoteError);
  }

  /** Requests the unique name of the owner of a name. `onReply` is called with undefined if the name has no owner. */
  async getNameOwner(name: string, onReply: (owner: string | undefined) => void): Promise<void> {
    await this.#call("GetNameOwner", [name], (reply) => {
      const hasOwner = reply.type === MessageType.MethodReturn && reply.signature === OWNER.signature;
      onReply(hasOwner ? String(decodeBody(reply, OWNER)[0]) : undefined);
    });
  }

  /** Requests a name with the flags of RequestName. Resolves with the result of `onReply`. */
  requestName<T>(name: string, flags: number, onReply: (reply: NameReply) => T): Promise<T> {
    return this.#call("RequestName", [name, flags], (reply) => {
      throwRemoteError(reply);
      const [code] = reply.signature === REQUEST_NAME_REPLY.signature ? decodeBody(reply, REQUEST_NAME_REPLY) : [];
      return onReply(
        code === RequestNameReply.InQueue ? "queued" : code === RequestNameReply.Exists ? "taken" : "owner",
      );
    });
  }

  /** Releases a name or its place in the queue. */
  async releaseName(name: string, onReply: () => void): Promise<void> {
    await this.#call("ReleaseName", [name], (reply) => {
      throwRemoteError(reply);
      onReply();
    });
  }

  #call<T>(member: keyof typeof METHODS, args: readonly unknown[], read: ReadReply<T>): Promise<T> {
    const codec = bodyCodec(METHODS[member].in);
    const request = { destination: DAEMON, path: DAEMON_PATH, interface: DAEMON, member, codec, args };
    return this.#send(request, {}, read);
  }
}

/**
 * Passes a signal about names to the receiver. Returns false if it is not such a signal or its sender is not the bus.
 */
export function receiveNameSignal(signal: Message, receiver: NameSignalReceiver): boolean {
  if (signal.sender !== DAEMON || signal.path !== DAEMON_PATH || signal.interface !== DAEMON) return false;
  if (signal.member === "NameOwnerChanged" && signal.signature === NAME_OWNER_CHANGED.signature) {
    const [name, , owner] = decodeBody(signal, NAME_OWNER_CHANGED);
    receiver.onOwnerChanged(String(name), owner === "" ? undefined : String(owner));
    return true;
  }
  const isAcquired = signal.member === "NameAcquired";
  if ((!isAcquired && signal.member !== "NameLost") || signal.signature !== NAME.signature) return false;
  const [name] = decodeBody(signal, NAME);
  if (isAcquired) receiver.onNameAcquired(String(name));
  else receiver.onNameLost(String(name));
  return true;
}

/** Throws the error of an error reply. Does nothing for other replies. */
export function throwRemoteError(reply: Message): void {
  if (reply.type === MessageType.Error) throw remoteError(reply.errorName ?? "", errorText(reply));
}
